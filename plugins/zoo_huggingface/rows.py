"""Two columns of a table that hold pictures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasets

from zoo import DataError, nearest


class Columns:
    """The pictures of a split, undecoded; see `zoo.data.tables.Table`.

    Args:
        rows: of the split.
        name: of the split, for errors.
        columns: names of those that hold the sources and the targets: pictures, or bytes of picture files.

    Raises:
        DataError: if there is no such column, or it holds something else.
    """

    def __init__(self, rows: datasets.Dataset, name: str, columns: tuple[str, str]) -> None:
        for column in columns:
            feature = rows.features.get(column)
            if feature is None:
                raise DataError(
                    f"{name} has no column {column}; it has {', '.join(rows.features)}."
                    f"{nearest(column, rows.features)}"
                )
            # Undecoded, so that depth and channels stay what they are, and errors are told as those of files.
            if isinstance(feature, datasets.Image):
                rows = rows.cast_column(column, datasets.Image(decode=False))
            elif getattr(feature, "dtype", "") not in ("binary", "large_binary"):
                raise DataError(f"the column {column} of {name} holds {feature}; expected pictures")
        self.name = name
        self._columns = columns
        self._rows = rows.select_columns(list(dict.fromkeys(columns)))

    def __len__(self) -> int:
        return len(self._rows)

    def contents(self, row: int) -> Sequence[bytes]:
        """Return the bytes of the source's file and of the target's."""
        values = self._rows[row]
        return [_bytes(values[column]) for column in self._columns]


def _bytes(value: Any) -> bytes:
    """Return the bytes of a picture, which may be those of a file on this machine; empty if it has none."""
    if isinstance(value, dict):
        if value["bytes"] is None and value["path"]:
            with suppress(OSError):
                return Path(value["path"]).read_bytes()
        value = value["bytes"]
    return value or b""
