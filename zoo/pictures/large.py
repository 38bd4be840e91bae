"""Files of any size that are read in parts: NumPy, TIFF, and the frames of DICOM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from zoo.pictures.dicom import dicom_header, is_dicom, read_dicom
from zoo.pictures.header import MOST_BYTES, START, Header, UnfitError, readable
from zoo.pictures.mapped import npy_rows
from zoo.pictures.npy import START as NPY_START
from zoo.pictures.npy import npy_header
from zoo.pictures.rows import ArrayRows, JoinedRows, Rows
from zoo.pictures.tiff import STARTS as TIFF_STARTS
from zoo.pictures.tiff import for_pillow, tiff_header
from zoo.pictures.tiff_rows import open_tiff_pages

# A picture read in bands is held as many rows at a time as a tile has.
MOST_BYTES_A_ROW = 2**22
NO_LIMIT = 2**63


def header_of_parts(path: Path) -> Header | None:
    """Return the header of a picture that can be read in parts, or has frames; None of one of another kind.

    Raises:
        DataError: if its header cannot be read.
    """
    if not path.is_file():
        return None
    with readable(path), path.open("rb") as file:
        start = file.read(START)
        if start.startswith(NPY_START):
            return npy_header(path, NO_LIMIT)
        if is_dicom(start):
            return dicom_header(file, path)
        if start.startswith(TIFF_STARTS) and not for_pillow(file, path):
            return tiff_header(file, NO_LIMIT)
        return None


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
    with path.open("rb") as file:
        start = file.read(START)
    if is_dicom(start):  # which may be a TIFF file besides
        with readable(path), path.open("rb") as file:
            header, frames = dicom_header(file, path), read_dicom(file, path)
        yield [ArrayRows(frame) for frame in np.split(frames, header.pages, axis=-1)]
    elif start.startswith(TIFF_STARTS):
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
