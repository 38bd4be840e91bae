"""Pictures that lie encoded in the rows of tables, and datasets of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Protocol

import numpy as np

from zoo.data.dataset import Dataset, Examples
from zoo.data.layout import Single
from zoo.data.pairs import Pairs, half_of
from zoo.data.preparation import Preparation
from zoo.data.selection import hold_out
from zoo.data.stored import Cached, Stored
from zoo.data.unpaired import PreparedPictures, Unpaired
from zoo.errors import DataError, nearest
from zoo.pictures import Formats, PictureFormat, Stream
from zoo.pictures.formats import read_as
from zoo.pictures.settings import LOOKED_AT, FormatSettings, format_of

SIDES = ("source", "target")
# Where a test split is missing, these stand in for it, if it is not named otherwise.
STAND_INS = ("validation", "val")


class Table(Protocol):
    """TableRows of encoded pictures."""

    @property
    def name(self) -> str:
        """Name of the split, for errors."""
        ...

    def __len__(self) -> int:
        """Number of rows."""
        ...

    def contents(self, row: int) -> Sequence[bytes]:
        """Return what picture files would hold: of the source and of the target, or one."""
        ...


@dataclass(frozen=True)
class TableRows:
    """Pictures in some rows of a table, decoded when they are asked for.

    Args:
        table: of one picture a row, or of a source and a target.
        chosen: numbers of the rows.
        formats: of a picture, or of the source and of the target.
        preparation: what the pictures are to become.
        halves: if a row's one picture shows the source and the target side by side, whether each of them is on the
            right.
    """

    table: Table
    chosen: Sequence[int]
    formats: tuple[PictureFormat, ...]
    preparation: Preparation
    halves: tuple[bool, bool] | None = None

    def __len__(self) -> int:
        return len(self.chosen)

    def load(self, index: int) -> tuple[np.ndarray, ...]:
        """Return the picture, or the source and the target; see `zoo.data.stored.Stored`.

        Raises:
            DataError: if they cannot be decoded, are not of their formats, of different sizes, or of one that does not
                fit the preparation.
        """
        row = self.chosen[index]
        pictures = self._decoded(row)
        first, last = pictures[0], pictures[-1]
        if first.shape[:2] != last.shape[:2]:
            one, other = (f"{p.shape[1]} x {p.shape[0]}" for p in (first, last))
            raise DataError(
                f"{self._place(row)} has a source of {one} pixels, but a target of {other}"
            )
        if reason := self.preparation.misfit(*first.shape[:2]):
            raise DataError(f"{self._place(row)} {reason}")
        return pictures

    def name(self, index: int) -> str:
        """Return the row of an item."""
        return f"row-{self.chosen[index]}"

    def _decoded(self, row: int) -> tuple[np.ndarray, ...]:
        contents = self.table.contents(row)
        if self.halves is None:
            names = SIDES if len(contents) == 2 else ("picture",)
            return tuple(
                form.read(Stream.of(content, f"the {name} of {self._place(row)}"))
                for form, content, name in zip(self.formats, contents, names, strict=True)
            )
        whole = read_as(Stream.of(contents[0], f"the picture of {self._place(row)}"), *self.formats)
        return tuple(
            half_of(picture, right=right) for picture, right in zip(whole, self.halves, strict=True)
        )

    def _place(self, row: int) -> str:
        return f"row {row} of {self.table.name}"


@dataclass(frozen=True)
class TableDataset:
    """What datasets of tables have in common.

    Args:
        name: of the dataset, for people.
        settings: what the recipe says of sources and of targets.
        preparation: what is done to the pictures.
        test_share: share that is held out if there is no test split, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
    """

    name: str
    settings: tuple[FormatSettings, FormatSettings]
    preparation: Preparation
    test_share: float
    cache: bool

    def pairs(
        self,
        learned: Table,
        held_out: Table | None,
        what: str,
        *,
        halves: tuple[bool, bool] | None = None,
    ) -> Dataset:
        """Return the dataset of tables of pairs.

        Args:
            learned: rows to train on.
            held_out: rows to hold out; None holds out some of the others.
            what: the task in a few words, for people.
            halves: see `TableRows`.

        Raises:
            DataError: if there are too few rows, or the first one cannot be used.
        """
        tables = (learned, held_out or learned)
        rows = self._rows(learned, held_out)
        counts = f"{len(rows[0])} pairs to train, {len(rows[1])} held out"
        self._refuse_none(rows, counts)
        files = (0, 0) if halves else (0, 1)
        source, target = (
            _format(learned, said, side, file)
            for said, side, file in zip(self.settings, SIDES, files, strict=True)
        )
        formats = (source, target)
        first = TableRows(learned, rows[0], formats, self.preparation, halves)
        preparation = self.preparation.fitted(*first._decoded(rows[0][0])[0].shape[:2])

        def examples(table: Table, chosen: Sequence[int]) -> Examples:
            return Pairs(
                self._kept(TableRows(table, chosen, formats, preparation, halves)), preparation
            )

        train, test = (examples(*part) for part in zip(tables, rows, strict=True))
        return self._dataset(
            train, test, Formats(*formats), preparation, f"{what}", counts, paired=True
        )

    def unpaired(
        self,
        learned: tuple[Table, Table],
        held_out: tuple[Table, Table] | None,
        what: str,
    ) -> Dataset:
        """Return the dataset of tables of sources and tables of targets that do not belong together.

        Args:
            learned: of sources and of targets, rows to train on.
            held_out: the same to hold out; None holds out some of the others.
            what: the task in a few words, for people.

        Raises:
            DataError: if there are too few rows, or the first ones cannot be used.
        """
        others = held_out or learned
        rows = [
            self._rows(table, held_out[side] if held_out else None)
            for side, table in enumerate(learned)
        ]
        counts = ", ".join(
            f"{len(rows[0][part])} sources and {len(rows[1][part])} targets {purpose}"
            for part, purpose in enumerate(("to train", "held out"))
        )
        self._refuse_none([part for side in rows for part in side], counts)
        source, target = (
            _format(table, said, side, 0)
            for table, said, side in zip(learned, self.settings, SIDES, strict=True)
        )
        formats = (source, target)
        first = TableRows(learned[0], rows[0][0], (source,), self.preparation)
        preparation = self.preparation.fitted(*first._decoded(rows[0][0][0])[0].shape[:2])
        plain = replace(preparation, colour=0.0)  # which is for sources alone

        def examples(tables: tuple[Table, Table], part: int) -> Examples:
            sources, targets = (
                PreparedPictures(
                    self._kept(TableRows(table, rows[side][part], (form,), prepared)), prepared
                )
                for side, (table, form, prepared) in enumerate(
                    zip(tables, formats, (preparation, plain), strict=True)
                )
            )
            return Unpaired(sources, targets)

        train, test = examples(learned, 0), examples(others, 1)
        return self._dataset(
            train, test, Formats(*formats), preparation, what, counts, paired=False
        )

    def _rows(self, learned: Table, held_out: Table | None) -> tuple[Sequence[int], Sequence[int]]:
        if held_out is not None:
            return range(len(learned)), range(len(held_out))
        items = [Single(Path(str(row)), str(row)) for row in range(len(learned))]
        some, others = (
            [int(item.name) for item in part] for part in hold_out(items, self.test_share)
        )
        return some, others

    def _refuse_none(self, rows: Sequence[Sequence[int]], counts: str) -> None:
        if not all(rows):
            raise DataError(f"the dataset {self.name} has {counts}; expected at least one of each")

    def _kept(self, stored: Stored) -> Stored:
        return Cached(stored) if self.cache else stored

    def _dataset(
        self,
        train: Examples,
        test: Examples,
        formats: Formats,
        preparation: Preparation,
        what: str,
        counts: str,
        *,
        paired: bool,
    ) -> Dataset:
        height, width = preparation.height, preparation.width
        return Dataset(
            train=train,
            test=test,
            source_shape=(height, width, formats.source.depth),
            target_shape=(height, width, formats.target.depth),
            summary=f"{self.name}, {what}, {height} x {width} px: {counts}",
            paired=paired,
            test_paired=paired,
            formats=formats,
        )


def find_splits(
    name: str, splits: Mapping[str, object], train: str, test: str
) -> tuple[str, str | None]:
    """Return the split to train on and the one to hold out, or None if there is none.

    Args:
        name: of the dataset, for errors.
        splits: what there is, by name.
        train: name of the first.
        test: name of the second; `validation` and `val` stand in for a `test` that is not there.

    Raises:
        DataError: if there is no split to train on.
    """
    if train not in splits:
        raise DataError(
            f"the dataset {name} has no split {train}; it has {', '.join(splits)}.{nearest(train, splits)}"
        )
    candidates = (test, *(STAND_INS if test == "test" else ()))
    return train, next((split for split in candidates if split in splits), None)


def _format(table: Table, settings: FormatSettings, side: str, file: int) -> PictureFormat:
    """Return the format that follows from what a recipe says of a side and from some of the rows."""
    # One row tells the type; some more, in case it is broken.
    count = min(len(table), LOOKED_AT if settings.percentiles else 8)
    rows = [index * len(table) // count for index in range(count)]

    def stream(row: int) -> Stream:
        # Read when it is asked for, as all of them might fill the memory.
        return Stream(f"the {side} of row {row}", lambda: BytesIO(table.contents(row)[file]))

    return format_of(settings, [stream(row) for row in rows], f"{side}_format")
