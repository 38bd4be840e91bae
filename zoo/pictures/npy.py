"""NumPy's `.npy` files: arrays of numbers, whose objects are never unpickled."""

from __future__ import annotations

import os
from math import prod
from typing import BinaryIO

import numpy as np

from zoo.pictures.header import MOST_BYTES, Header, UnfitError, check_size

START = b"\x93NUMPY"
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def npy_header(file: BinaryIO, most: int = MOST_BYTES) -> Header:
    """Return the header of an open file; bool becomes uint8.

    Args:
        file: open, at its beginning.
        most: bytes that the picture may take.

    Raises:
        UnfitError: if it is no picture, too large, or ends early.
    """
    try:
        # NumPy has a third version, for fields whose names are not Latin.
        shape, _, dtype = HEADERS[np.lib.format.read_magic(file)](file)
    except Exception:  # The header is text, and parsing it may fail in many ways.
        raise UnfitError("its header is not one of an array") from None
    begin = file.tell()
    if dtype.hasobject:
        raise UnfitError("it holds Python objects, which are never loaded; expected numbers")
    if len(shape) not in (2, 3):
        raise UnfitError(
            f"its array has the shape {shape}; expected (height, width) or (height, width, channels)"
        )
    if dtype.kind not in "buif":
        raise UnfitError(f"its values are {dtype}; expected whole or broken numbers")
    height, width, channels = (*shape, 1)[:3]
    name = "uint8" if dtype.kind == "b" else str(dtype.newbyteorder("="))
    header = check_size(Header(height, width, channels, name, "NumPy"), most)
    size, there = prod(shape) * dtype.itemsize, file.seek(0, os.SEEK_END) - begin
    if there < size:
        raise UnfitError(f"it ends early: {there:,} of its {size:,} bytes are there")
    return header


def read_npy(file: BinaryIO) -> np.ndarray:
    """Read an open file that has an `npy_header` as (height, width, channels)."""
    array = np.lib.format.read_array(file, allow_pickle=False)
    if array.dtype == bool:
        array = array * np.uint8(255)
    return array.astype(array.dtype.newbyteorder("="), copy=False).reshape(*array.shape[:2], -1)
