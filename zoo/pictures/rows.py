"""Pictures of which parts are read at a time: arrays, NumPy files and TIFF files of any size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from zoo.pictures.header import MOST_BYTES, Header, UnfitError, readable
from zoo.pictures.mapped import npy_rows
from zoo.pictures.npy import START as NPY_START
from zoo.pictures.npy import npy_header
from zoo.pictures.tiff import STARTS as TIFF_STARTS
from zoo.pictures.tiff import for_pillow, tiff_header
from zoo.pictures.tiff_rows import open_tiff_rows

# A picture read in bands is held as many rows at a time as a tile has.
MOST_BYTES_A_ROW = 2**22
NO_LIMIT = 2**63


class Rows(Protocol):
    """A picture of which parts can be read."""

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return rows from `top` to before `below` of columns alike, (height, width, channels) in values of files."""
        ...


@dataclass(frozen=True)
class ArrayRows:
    """A picture in memory.

    Args:
        array: (height, width, channels).
    """

    array: np.ndarray

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a part, which shares the memory."""
        return self.array[top:below, left:right]


def large_header(path: Path) -> Header | None:
    """Return the header of a picture that is too large to be read at once, but can be read in parts; otherwise None.

    Raises:
        DataError: if its header cannot be read, or its rows are too wide even for that.
    """
    if not path.is_file():
        return None
    header = None
    with readable(path), path.open("rb") as file:
        start = file.read(8)
        if start.startswith(NPY_START):
            header = npy_header(path, NO_LIMIT)
        elif start.startswith(TIFF_STARTS) and not for_pillow(file, path):
            header = tiff_header(file, NO_LIMIT)
        if header is None or header.bytes <= MOST_BYTES:
            return None
        if header.bytes // header.height > MOST_BYTES_A_ROW:
            raise UnfitError(
                f"its rows of {header.width:,} pixels take more than the {MOST_BYTES_A_ROW >> 20} MB that one may"
            )
        return header


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """Open a file that has a `large_header`.

    Raises:
        DataError: here or when a part is read, if that cannot be.
    """
    with path.open("rb") as file:
        if not file.read(8).startswith(NPY_START):
            with open_tiff_rows(path) as rows:
                yield rows
            return
    yield npy_rows(path)
