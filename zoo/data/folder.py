"""The dataset `folder`: people's own pictures, in pairs or in two piles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar, Unpack

from pydantic import Field

from zoo.data.checks import PictureFormats
from zoo.data.dataset import Dataset, Examples
from zoo.data.file_dataset import FileDataset, existing_folder
from zoo.data.layout import Layout, Pair, Places, Single
from zoo.data.manifest import SUFFIXES as MANIFESTS
from zoo.data.manifest import Manifest
from zoo.data.pairs import FilePairs, Pairs
from zoo.data.preparation import preparation_of
from zoo.data.preparation_options import PreparationOptions
from zoo.data.selection import Where
from zoo.data.unpaired import PictureFiles, PreparedPictures, Unpaired
from zoo.errors import DataError
from zoo.pictures import Formats, PictureFormat
from zoo.pictures.settings import FormatSettings, format_of

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
    test: str | None = "test",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    cache: bool = False,
    on_error: Literal["error", "skip"] = "error",
    verify: bool = True,
    **options: Unpack[PreparationOptions],
) -> Dataset:
    """Pictures from a folder: pairs side by side in one file or in two folders, or two piles of pictures.

    JPEG, PNG, WebP, TIFF, BMP, DICOM and NumPy files. Without `source_format` and `target_format` they are read as RGB
    of 8 bits a channel; with them, of any number of channels and any depth, or as label maps. All are brought to one
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
        test: name of the part that is held out; null holds out a share of the others, whatever parts there are.
        test_share: share of the pairs, or of each pile, that is held out if there is no test part, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
        on_error: stop at pictures that cannot be used, or `skip` them and count them.
        verify: decode every picture at the start, to find the broken ones; otherwise only headers.
        options: the way to the network's size, and augmentation.

    Raises:
        DataError: if pictures are missing, unpaired, unreadable, or of different sizes; names them.
        ValueError: if arguments contradict each other.
    """
    preparation = preparation_of(**options)
    if a == b:
        raise ValueError(f"a and b are both '{a}'; name two different folders")
    if not paired and layout == "side_by_side":
        raise ValueError(
            "pictures side by side in one file are pairs, but paired is false; set paired to true, "
            "or put the pictures into two folders"
        )
    opening = FileDataset(
        places=_places(
            path, layout if paired else "two_folders", a, b, nested, (train, test or "test")
        ),
        preparation=preparation,
        train=train,
        test=test,
        test_share=test_share,
        cache=cache,
        skip=on_error == "skip",
        verify=verify,
    )
    sides = _Sides((source_format, target_format), reverse=direction == "b_to_a")
    return _pairs(opening, sides) if paired else _unpaired(opening, sides)


@dataclass(frozen=True)
class _Sides:
    """Which of A and B is the source, and what the recipe says of the pictures of both."""

    settings: tuple[FormatSettings, FormatSettings]
    reverse: bool

    def turned(self, items: Sequence[T]) -> Sequence[T]:
        """Turn (A, B) into (source, target), and back."""
        return items[::-1] if self.reverse else items

    def formats(self, files: Sequence[Sequence[Path]]) -> tuple[PictureFormat, PictureFormat]:
        """Return the formats of sources and targets, given the files of A and B."""
        source, target = (
            format_of(settings, found, key)
            for settings, found, key in zip(
                self.settings, self.turned(files), ("source_format", "target_format"), strict=True
            )
        )
        return source, target

    def __str__(self) -> str:
        return "B to A" if self.reverse else "A to B"


def _pairs(opening: FileDataset, sides: _Sides) -> Dataset:
    parts = opening.parts(opening.places.pairs)
    pairs = parts.learned[0].items or parts.items
    halved = any(pair.b is None for pair in pairs[:1])
    formats = sides.formats([[pair.a for pair in pairs], [pair.b or pair.a for pair in pairs]])
    preparation = opening.fitted((pair.a for pair in pairs), halved=halved)
    a, b = sides.turned(formats)
    jobs: list[tuple[Pair | Single, PictureFormats]] = [
        (pair, ((a,), (b,)) if pair.b else ((a,) if a == b else (a, b),)) for pair in parts.items
    ]

    def examples(collections: Sequence[list[Pair]]) -> Examples:
        (chosen,) = collections
        stored = FilePairs(chosen, formats, reverse=sides.reverse)
        return Pairs(opening.kept(stored), preparation)

    selection = opening.select(parts, jobs, preparation)
    return opening.dataset(selection, examples, Formats(*formats), preparation, str(sides))


def _unpaired(opening: FileDataset, sides: _Sides) -> Dataset:
    parts = opening.parts(opening.places.unpaired)
    files = [[picture.path for picture in found.items] for found in parts.learned]
    formats = sides.formats(files)
    preparation = opening.fitted(files[0])
    jobs: list[tuple[Pair | Single, PictureFormats]] = [
        (picture, ((form,),))
        for collections in (parts.learned, parts.held_out)
        for found, form in zip(collections, sides.turned(formats), strict=bool(collections))
        for picture in found.items
    ]

    def examples(collections: Sequence[list[Single]]) -> Examples:
        source, target = (
            opening.kept(PictureFiles(pile, form))
            for pile, form in zip(sides.turned(collections), formats, strict=True)
        )
        plain = replace(preparation, colour=0.0)
        return Unpaired(PreparedPictures(source, preparation), PreparedPictures(target, plain))

    selection = opening.select(parts, jobs, preparation)
    return opening.dataset(
        selection, examples, Formats(*formats), preparation, f"{sides}, unpaired", paired=False
    )


def _places(
    path: str, layout: Layout, a: str, b: str, nested: bool, parts: tuple[str, str]
) -> Where:
    if Path(path).suffix.lower() not in MANIFESTS or Path(path).expanduser().is_dir():
        return Places(existing_folder(path), layout, a, b, nested, (*parts, "val"))
    manifest = Path(path).expanduser()
    if not manifest.is_file():
        raise DataError(f"the manifest {manifest} does not exist", "path")
    return Manifest(manifest)
