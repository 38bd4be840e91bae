"""How a folder becomes a dataset: its pictures are found, looked at, and parted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.data.checks import PictureFormats, describe, unusable
from zoo.data.dataset import Dataset, Examples
from zoo.data.layout import Item, Pair, Single
from zoo.data.preparation import Preparation
from zoo.data.selection import Find, Selection, SplitItems, Where, find_parts, select
from zoo.data.stored import Cached, Stored
from zoo.errors import DataError, nearest
from zoo.pictures import Formats
from zoo.pictures.settings import first_readable


@dataclass(frozen=True)
class FileDataset:
    """What datasets of picture files have in common, whatever their examples are.

    Args:
        places: where the pictures are.
        preparation: what is done to them.
        train: name of the part to train on.
        test: name of the part that is held out; None if none is.
        test_share: share that is held out if there is no test part, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
        skip: leave out what cannot be used; otherwise it is an error.
        verify: decode every picture at the start; otherwise only headers are read.
    """

    places: Where
    preparation: Preparation
    train: str = "train"
    test: str | None = "test"
    test_share: float = 0.1
    cache: bool = False
    skip: bool = False
    verify: bool = True

    def parts(self, find: Find[Item]) -> SplitItems[Item]:
        """Find what is there; see `zoo.data.selection.find_parts`."""
        return find_parts(self.places, find, train=self.train, test=self.test)

    def fitted(self, files: Iterable[Path], *, halved: bool = False) -> Preparation:
        """Return the preparation, of which the size of examples follows from the first file where it is free.

        Args:
            files: pictures to train on.
            halved: whether a file holds source and target side by side.
        """
        first = first_readable(files)
        if first is None:
            return self.preparation
        _, header = first
        return self.preparation.fitted(header.height, header.width // (1 + halved))

    def select(
        self,
        parts: SplitItems[Item],
        jobs: Iterable[tuple[Pair | Single, PictureFormats]],
        preparation: Preparation,
    ) -> Selection[Item]:
        """Look at all pictures, leave out what cannot be used, and hold some out.

        Args:
            parts: what there is.
            jobs: all items, and for each of its files the formats that it has to be of.
            preparation: what the pictures are to become.

        Raises:
            DataError: if pictures cannot be used, or too few are left.
        """
        bad = parts.unusable | unusable(jobs, preparation, verify=self.verify)
        return select(self.places.root, parts, bad, test_share=self.test_share, skip=self.skip)

    def kept(self, stored: Stored) -> Stored:
        """Return stored pictures that stay in memory, if that was asked for."""
        return Cached(stored) if self.cache else stored

    def dataset(
        self,
        selection: Selection[Item],
        examples: Callable[[Sequence[list[Item]]], Examples],
        formats: Formats,
        preparation: Preparation,
        what: str,
        *,
        paired: bool = True,
    ) -> Dataset:
        """Return the dataset.

        Args:
            selection: what is learned from and what is held out.
            examples: makes examples of the collections of one of the two.
            formats: of sources and targets.
            preparation: as it was fitted.
            what: the task in a few words, for people.
            paired: whether source and target show the same thing.
        """
        learned, held_out = selection.counts()
        height, width = preparation.height, preparation.width
        count = len(selection.bad)
        skipped = f", {count} file{'s' if count > 1 else ''} skipped" if count else ""
        root = self.places.root
        return Dataset(
            train=examples(selection.learned),
            test=examples(selection.held_out),
            source_shape=(height, width, formats.source.depth),
            target_shape=(height, width, formats.target.depth),
            summary=(
                f"{root}, {what}, {height} x {width} px: {learned} to train, {held_out} held out{skipped}"
            ),
            skipped=tuple(describe(root, selection.bad)),
            paired=paired,
            test_paired=paired,
            formats=formats,
            files=(_files(selection.learned), _files(selection.held_out)),
        )


def _files(collections: Sequence[list[Item]]) -> list[tuple[Path, ...]]:
    return [item.files for items in collections for item in items]


def existing_folder(path: str) -> Path:
    """Return the path of a folder.

    Raises:
        DataError: if there is none; names the nearest.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        return root
    if root.exists():
        raise DataError(f"the picture folder {root} is a file, not a folder", "path")
    beside = root.parent.iterdir() if root.parent.is_dir() else ()
    hint = nearest(root.name, (other.name for other in beside if other.is_dir()))
    raise DataError(f"the picture folder {root} does not exist.{hint}", "path")
