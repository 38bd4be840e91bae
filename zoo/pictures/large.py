"""Files of any size that are read in parts: NumPy, TIFF, and the frames of DICOM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from zoo.pictures.header import MOST_BYTES, Header, UnfitError
from zoo.pictures.mapped import npy_rows
from zoo.pictures.read import header_of_parts, read_array
from zoo.pictures.rows import ArrayRows, JoinedRows, Rows
from zoo.pictures.source import readable
from zoo.pictures.tiff_rows import open_tiff_pages

# A picture read in bands is held as many rows at a time as a tile has.
MOST_BYTES_A_ROW = 2**22


def large_header(path: Path, channels: int | str | None = None) -> Header | None:
    """Return the header of a picture that has to be read in parts: too large to be read at once, or a stack of pages.

    Args:
        path: of the file.
        channels: that one picture is to have, which tells whether pages are pictures; see `Header.is_stack`.

    Returns:
        The header, or None of a picture that is read at once, or cannot be read in parts.

    Raises:
        DataError: if its header cannot be read, or its rows are too wide even for that.
    """
    header = header_of_parts(path)
    return header if header is not None and in_parts(path, header, channels) else None


def in_parts(path: Path, header: Header, channels: int | str | None) -> bool:
    """Return whether a picture with a `header_of_parts` has to be read in parts; see `large_header`."""
    stack = header.is_stack(channels)
    if header.bytes <= MOST_BYTES and not stack:
        return False
    pages = header.pages if stack else 1
    if header.bytes // pages // header.height > MOST_BYTES_A_ROW:
        with readable(path):
            raise UnfitError(
                f"its rows of {header.width:,} pixels take more than the {MOST_BYTES_A_ROW >> 20} MB that one may"
            )
    return True


@contextmanager
def open_pages(path: Path) -> Iterator[list[Rows]]:
    """Open each page of a file that has a `header_of_parts`; a NumPy file is one.

    Raises:
        DataError: here or when a part is read, if that cannot be.
    """
    header = header_of_parts(path)
    kind = header.kind if header else ""
    if header and kind == "DICOM":
        yield [ArrayRows(frame) for frame in np.split(read_array(path), header.pages, axis=-1)]
    elif kind == "TIFF":
        with open_tiff_pages(path) as pages:
            yield pages
    else:
        yield [npy_rows(path)]


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """Open a file that has a `header_of_parts` as one picture, whose channels are the pages if there are several.

    Raises:
        DataError: here or when a part is read, if that cannot be.
    """
    with open_pages(path) as pages:
        yield pages[0] if len(pages) == 1 else JoinedRows(pages)
