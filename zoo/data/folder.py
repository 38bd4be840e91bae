"""The dataset `folder`: people's own pictures, in pairs or in two piles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from zoo.data.checks import Formats, describe, unusable
from zoo.data.dataset import Dataset, Examples
from zoo.data.layout import Item, Layout, Pair, Places, Single
from zoo.data.manifest import SUFFIXES as MANIFESTS
from zoo.data.manifest import Manifest
from zoo.data.pairs import FilePairs, Pairs
from zoo.data.piles import FilePile, Pile
from zoo.data.preparation import Preparation, Preprocess, preparation_of
from zoo.data.selection import Parts, Selection, Where, find_parts, select
from zoo.data.stored import Cached, Stored
from zoo.data.unpaired import Unpaired
from zoo.errors import DataError, nearest
from zoo.pictures.formats import PictureFormat
from zoo.pictures.settings import FormatSettings, first_readable, format_of

T = TypeVar("T")


def folder(
    *,
    path: str,
    layout: Layout = "auto",
    a: str = "A",
    b: str = "B",
    paired: bool = True,
    nested: bool = False,
    direction: Literal["a_to_b", "b_to_a"] = "a_to_b",
    source_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    target_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    train: str = "train",
    test: str = "test",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    size: int | tuple[int, int] = 256,
    preprocess: Preprocess = "resize_and_crop",
    multiple: Annotated[int, Field(ge=1)] = 1,
    flip: bool = True,
    turns: bool = False,
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.117,
    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0,
    scale: Annotated[float, Field(ge=0, le=1)] = 0.0,
    colour: Annotated[float, Field(ge=0, le=1)] = 0.0,
    cache: bool = False,
    on_error: Literal["error", "skip"] = "error",
    verify: bool = True,
) -> Dataset:
    """Pictures from a folder: pairs side by side in one file or in two folders, or two piles of pictures.

    JPEG, PNG, WebP, TIFF, BMP and NumPy files. Without `source_format` and `target_format` they are read as RGB of
    8 bits a channel; with them, of any number of channels and any depth, or as label maps. All are brought to one
    `size`. A pair's pictures must be equally large; in two folders they have the same file name. A picture that holds
    both is cut in two before it is resized. With `paired` false, the two folders hold as many pictures as they like, of
    any name and size: every example brings together one of A and one of B, drawn afresh in every epoch, which has as
    many examples as the larger pile has pictures. Pictures lie in the folder itself or in its parts `train` and `test`
    (`val` stands in for a `test` that is not there); two folders may be `train/A`, `trainA` or `A/train`. Or a file
    lists them: `.csv` or `.jsonl` with source, target and split. Without a test part, the same pictures are always held
    out: those whose names have the least SHA-256. See docs/data.md.

    Args:
        path: the folder, or a `.csv` or `.jsonl` file; a relative one starts where the command is run.
        layout: `side_by_side` (A left, B right), `two_folders`, or `auto` to see which one it is.
        a: name of the folders with the pictures A.
        b: name of the folders with the pictures B.
        paired: whether the pictures A and B belong together; false for two piles of pictures that
            show different things, as CycleGAN takes them.
        nested: whether pictures also lie in folders within these; pairs then have the same folders too.
        direction: `a_to_b` translates A to B, `b_to_a` the other way round.
        source_format: how the sources are stored: `channels`, `range` or `percentiles`, or `classes` of label maps.
        target_format: how the targets are stored; translated pictures are written so.
        train: name of the part to train on.
        test: name of the part that is held out.
        test_share: share of the pairs, or of each pile, that is held out if there is no test part, 0 to 1.
        size: height and width in pixels, one number for a square or two.
        preprocess: how pictures come to that size: `resize_and_crop`; `crop`, as they are; `scale_width_and_crop`,
            keeping their proportions; `scale_width`, to its width alone; `none`, as they are, all of one size.
        multiple: with `scale_width` and `none`, continue pictures by their mirror image until height and width are
            multiples of this, as networks need it.
        flip: mirror half of the training examples left to right.
        turns: turn training examples by 0, 90, 180 or 270 degrees; needs a square size.
        jitter: resize training examples to 1 + jitter times the size, then crop the size at random;
            0.117 makes 286 of 256 pixels as the paper does.
        rotate: rotate training examples by up to so many degrees either way.
        scale: zoom into or out of training examples by a factor of up to 1 + scale.
        colour: change brightness, contrast and saturation of training sources by a factor of up to 1 + colour.
        cache: keep decoded pictures in memory, before augmentation.
        on_error: stop at pictures that cannot be used, or `skip` them and count them.
        verify: decode every picture at the start, to find the broken ones; otherwise only headers.

    Raises:
        DataError: if pictures are missing, unpaired, unreadable, or of different sizes; names them.
        ValueError: if arguments contradict each other.
    """
    preparation = preparation_of(
        size,
        preprocess=preprocess,
        multiple=multiple,
        flip=flip,
        turns=turns,
        jitter=jitter,
        rotate=rotate,
        scale=scale,
        colour=colour,
    )
    if a == b:
        raise ValueError(f"a and b are both '{a}'; name two different folders")
    if not paired and layout == "side_by_side":
        raise ValueError(
            "pictures side by side in one file are pairs, but paired is false; set paired to true, "
            "or put the pictures into two folders"
        )
    opening = _Opening(
        places=_places(path, layout if paired else "two_folders", a, b, nested, (train, test)),
        settings=(source_format, target_format),
        preparation=preparation,
        reverse=direction == "b_to_a",
        train=train,
        test=test,
        test_share=test_share,
        cache=cache,
        skip=on_error == "skip",
        verify=verify,
    )
    return opening.pairs() if paired else opening.piles()


@dataclass(frozen=True)
class _Opening:
    """The arguments of `folder`, checked, on their way to a dataset."""

    places: Where
    settings: tuple[FormatSettings, FormatSettings]
    preparation: Preparation
    reverse: bool
    train: str
    test: str
    test_share: float
    cache: bool
    skip: bool
    verify: bool

    def pairs(self) -> Dataset:
        parts = find_parts(self.places, self.places.pairs, train=self.train, test=self.test)
        pairs = parts.learned[0].items or parts.items
        halved = any(pair.b is None for pair in pairs[:1])
        files = [[pair.a for pair in pairs], [pair.b or pair.a for pair in pairs]]
        formats, preparation = self._formats(files, halved=halved)
        a, b = self._sides(formats)
        jobs: list[tuple[Pair | Single, Formats]] = [
            (pair, ((a,), (b,)) if pair.b else ((a,) if a == b else (a, b),))
            for pair in parts.items
        ]
        selection = self._select(parts, unusable(jobs, preparation, verify=self.verify))

        def examples(pairs: Sequence[Pair]) -> Examples:
            stored = FilePairs(pairs, formats, reverse=self.reverse)
            return Pairs(self._kept(stored), preparation)

        (learned,), (held_out,) = selection.learned, selection.held_out
        return self._dataset(
            selection, examples(learned), examples(held_out), formats, preparation, paired=True
        )

    def piles(self) -> Dataset:
        parts = find_parts(self.places, self.places.piles, train=self.train, test=self.test)
        files = [[picture.path for picture in found.items] for found in parts.learned]
        formats, preparation = self._formats(files)
        jobs: list[tuple[Pair | Single, Formats]] = [
            (picture, ((form,),))
            for collections in (parts.learned, parts.held_out)
            for found, form in zip(collections, self._sides(formats), strict=bool(collections))
            for picture in found.items
        ]
        selection = self._select(parts, unusable(jobs, preparation, verify=self.verify))

        def examples(piles: Sequence[Sequence[Single]]) -> Examples:
            source, target = (
                self._kept(FilePile(pile, form))
                for pile, form in zip(self._sides(piles), formats, strict=True)
            )
            plain = replace(preparation, colour=0.0)
            return Unpaired(Pile(source, preparation), Pile(target, plain))

        return self._dataset(
            selection,
            examples(selection.learned),
            examples(selection.held_out),
            formats,
            preparation,
            paired=False,
        )

    def _sides(self, items: Sequence[T]) -> Sequence[T]:
        """Turn (A, B) into (source, target), and back."""
        return items[::-1] if self.reverse else items

    def _formats(
        self, files: Sequence[Sequence[Path]], *, halved: bool = False
    ) -> tuple[tuple[PictureFormat, PictureFormat], Preparation]:
        """Find out how sources and targets are stored, and how large examples become."""
        source, target = (
            format_of(settings, found, key)
            for settings, found, key in zip(
                self.settings, self._sides(files), ("source_format", "target_format"), strict=True
            )
        )
        preparation = self.preparation
        if first := first_readable(files[0]):
            _, header = first
            preparation = preparation.fitted(header.height, header.width // (1 + halved))
        return (source, target), preparation

    def _select(self, parts: Parts[Item], problems: dict[Path, str]) -> Selection[Item]:
        return select(
            self.places.root,
            parts,
            parts.unusable | problems,
            test_share=self.test_share,
            skip=self.skip,
        )

    def _kept(self, stored: Stored) -> Stored:
        return Cached(stored) if self.cache else stored

    def _dataset(
        self,
        selection: Selection[Item],
        train: Examples,
        test: Examples,
        formats: tuple[PictureFormat, PictureFormat],
        preparation: Preparation,
        *,
        paired: bool,
    ) -> Dataset:
        learned, held_out = selection.counts()
        height, width = preparation.height, preparation.width
        skipped = f", {len(selection.bad)} files skipped" if selection.bad else ""
        return Dataset(
            train=train,
            test=test,
            source_shape=(height, width, formats[0].depth),
            target_shape=(height, width, formats[1].depth),
            summary=(
                f"{self.places.root}, {'B to A' if self.reverse else 'A to B'}{'' if paired else ', unpaired'}, "
                f"{height} x {width} px: {learned} to train, {held_out} held out{skipped}"
            ),
            skipped=tuple(describe(self.places.root, selection.bad)),
            paired=paired,
            test_paired=paired,
            source_format=formats[0],
            target_format=formats[1],
        )


def _places(
    path: str, layout: Layout, a: str, b: str, nested: bool, parts: tuple[str, str]
) -> Where:
    if Path(path).suffix.lower() not in MANIFESTS or Path(path).expanduser().is_dir():
        return Places(existing_folder(path), layout, a, b, nested, (*parts, "val"))
    manifest = Path(path).expanduser()
    if not manifest.is_file():
        raise DataError(f"the manifest {manifest} does not exist")
    return Manifest(manifest)


def existing_folder(path: str) -> Path:
    """Return the path of a folder.

    Raises:
        DataError: if there is none; names the nearest.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        return root
    if root.exists():
        raise DataError(f"the picture folder {root} is a file, not a folder")
    beside = root.parent.iterdir() if root.parent.is_dir() else ()
    hint = nearest(root.name, (other.name for other in beside if other.is_dir()))
    raise DataError(f"the picture folder {root} does not exist.{hint}")
