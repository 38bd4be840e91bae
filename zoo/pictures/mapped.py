"""Arrays of numbers as they lie in files, read a part at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from zoo.pictures.source import readable


@dataclass(frozen=True)
class MappedRows:
    """A picture in a file that is neither compressed nor cut into pieces; see `zoo.pictures.rows.Rows`.

    Args:
        path: of the file.
        dtype: of the numbers, with their byte order.
        offset: bytes before them.
        shape: of the array.
        rows: axis of the rows, of what is left of the array; all axes but rows and columns make up the channels.
        columns: axis of the columns, likewise.
        order: `C`, or `F` where the first axis runs fastest.
        page: for each axis the place of the page that is read, or a slice of all of it; empty reads everything.
    """

    path: Path
    dtype: np.dtype
    offset: int
    shape: tuple[int, ...]
    rows: int
    columns: int
    order: Literal["C", "F"] = "C"
    page: tuple[int | slice, ...] = ()

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a copy of a part, in the machine's own byte order; bool becomes 0 and 255."""
        with readable(self.path):
            # Mapped anew each time: what was read before would go on counting as memory of this process.
            mapped: Any = np.memmap(
                self.path, self.dtype, "r", self.offset, self.shape, order=self.order
            )
            part = np.moveaxis(mapped[self.page], (self.rows, self.columns), (0, 1))[
                top:below, left:right
            ]
            part = part.reshape(*part.shape[:2], -1)
            if self.dtype == bool:
                return np.array(part, np.uint8) * np.uint8(255)
            return np.array(part, self.dtype.newbyteorder("="))


def npy_rows(path: Path) -> MappedRows:
    """Return a NumPy file whose header `zoo.pictures.npy` has looked at."""
    with readable(path):
        mapped = np.lib.format.open_memmap(path, mode="r")
        order: Literal["C", "F"] = "C" if mapped.flags.c_contiguous else "F"
        return MappedRows(path, mapped.dtype, mapped.offset, mapped.shape, 0, 1, order)
