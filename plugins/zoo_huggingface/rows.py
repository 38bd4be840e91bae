"""Pairs in two columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import datasets
import numpy as np

from zoo import DataError
from zoo.data.preparation import Preparation
from zoo.errors import nearest
from zoo.pictures import PictureFormat
from zoo.pictures.settings import LOOKED_AT, FormatSettings, format_of

SIDES = ("source", "target")
Formats = tuple[PictureFormat, PictureFormat]


class Table:
    """The pictures of a split, undecoded.

    Args:
        rows: of the split.
        split: its name, for errors.
        columns: names of those that hold the sources and the targets: pictures, or bytes of picture files.

    Raises:
        DataError: if there is no such column, or it holds something else.
    """

    def __init__(self, rows: datasets.Dataset, split: str, columns: tuple[str, str]) -> None:
        for column in columns:
            feature = rows.features.get(column)
            if feature is None:
                raise DataError(
                    f"{split} has no column {column}; it has {', '.join(rows.features)}."
                    f"{nearest(column, rows.features)}"
                )
            # Undecoded, so that depth and channels stay what they are, and errors are told as those of files.
            if isinstance(feature, datasets.Image):
                rows = rows.cast_column(column, datasets.Image(decode=False))
            elif getattr(feature, "dtype", "") not in ("binary", "large_binary"):
                raise DataError(
                    f"the column {column} of {split} holds {feature}; expected pictures"
                )
        self.split = split
        self.columns = columns
        self._rows = rows.select_columns(list(dict.fromkeys(columns)))

    def __len__(self) -> int:
        return len(self._rows)

    def contents(self, row: int) -> list[bytes]:
        """Return the bytes of the source's file and of the target's."""
        values = self._rows[row]
        return [_bytes(values[column]) for column in self.columns]

    def formats(self, settings: tuple[FormatSettings, FormatSettings]) -> Formats:
        """Return the formats of sources and targets that follow from what a recipe says and some of the rows."""
        # One row tells the type; some more, in case it is broken.
        count = min(len(self), LOOKED_AT if any(side.percentiles for side in settings) else 8)
        rows = [index * len(self) // count for index in range(count)]
        with TemporaryDirectory() as folder:  # because formats are found by looking at files
            files = [[Path(folder, f"the {side} of row {row}") for row in rows] for side in SIDES]
            for row, *paths in zip(rows, *files, strict=True):
                for path, content in zip(paths, self.contents(row), strict=True):
                    path.write_bytes(content)
            try:
                source, target = (
                    format_of(said, paths, f"{side}_format")
                    for said, paths, side in zip(settings, files, SIDES, strict=True)
                )
            except DataError as error:
                raise DataError(str(error).replace(f"{folder}/", "")) from None
        return source, target

    def load(self, row: int, formats: Formats) -> tuple[np.ndarray, ...]:
        """Return the source and the target of a row; see `Rows.load`."""
        sides = zip(SIDES, formats, self.contents(row), strict=True)
        source, target = (
            form.decode(content, f"the {side} of row {row} of {self.split}")
            for side, form, content in sides
        )
        if source.shape[:2] != target.shape[:2]:
            one, other = (f"{p.shape[1]} x {p.shape[0]}" for p in (source, target))
            raise DataError(
                f"row {row} of {self.split} has a source of {one} pixels, but a target of {other}"
            )
        return source, target


@dataclass(frozen=True)
class Rows:
    """Pairs in some rows, decoded when they are asked for.

    Args:
        table: sources and targets.
        chosen: numbers of the rows.
        formats: of the source and of the target.
        preparation: what they are to become.
    """

    table: Table
    chosen: Sequence[int]
    formats: Formats
    preparation: Preparation

    def __len__(self) -> int:
        return len(self.chosen)

    def load(self, index: int) -> tuple[np.ndarray, ...]:
        """Return the source and the target; see `zoo.data.stored.Stored`.

        Raises:
            DataError: if they cannot be decoded, are not of their formats, of different sizes, or of one that does not
                fit the preparation.
        """
        row = self.chosen[index]
        pictures = self.table.load(row, self.formats)
        if reason := self.preparation.misfit(*pictures[0].shape[:2]):
            raise DataError(f"row {row} of {self.table.split} {reason}")
        return pictures


def _bytes(value: Any) -> bytes:
    """Return the bytes of a picture, which may be those of a file on this machine; empty if it has none."""
    if isinstance(value, dict):
        if value["bytes"] is None and value["path"]:
            with suppress(OSError):
                return Path(value["path"]).read_bytes()
        value = value["bytes"]
    return value or b""
