"""Reading picture files of any kind, bit depth and number of channels, and decoding each of them once."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from zoo.errors import DataError
from zoo.pictures.dicom import dicom_header, is_dicom, read_dicom
from zoo.pictures.header import (
    MOST_BYTES,
    NO_LIMIT,
    REMEDY,
    Header,
    UnfitError,
    several_pages,
)
from zoo.pictures.images import decode_image, image_header, values_of
from zoo.pictures.npy import START as NPY_START
from zoo.pictures.npy import npy_header, read_npy
from zoo.pictures.orientation import upright
from zoo.pictures.source import Source, opened, readable
from zoo.pictures.tiff import STARTS as TIFF_STARTS
from zoo.pictures.tiff import for_pillow, read_tiff, tiff_header

# Bytes at a file's beginning that tell its kind.
START = 132

Kind = Literal["NumPy", "DICOM", "TIFF", "image"]


def read_header(source: Source, *, most: int = MOST_BYTES, dicom: bool = True) -> Header:
    """Read what a picture file says of itself, without decoding it.

    Args:
        source: a JPEG, PNG, WebP, BMP, TIFF, DICOM or NumPy (`.npy`) file; its content tells which, not its name.
        most: bytes that the file, and the picture in memory, may have.
        dicom: whether DICOM files are read. What is compressed in them may be larger than they say.

    Raises:
        DataError: if it cannot be read as a picture, or has more bytes.
    """
    with readable(source), opened(source) as file:
        kind = _kind(file, source, most)
        if kind == "DICOM" and not dicom:
            raise UnidentifiedImageError
        return _header(kind, file, source, most)


def header_of_parts(source: Source) -> Header | None:
    """Return the header of a picture of any size that can be read in parts, or has frames; None of another kind.

    Raises:
        DataError: if its header cannot be read.
    """
    with readable(source), opened(source) as file:
        kind = _kind(file, source, NO_LIMIT)
        return None if kind == "image" else _header(kind, file, source, NO_LIMIT)


def read_array(
    source: Source, *, indexed: bool = False, channels: int | str | None = None
) -> np.ndarray:
    """Read a picture file as it is: with its own channels, and values of its own type.

    The orientation of EXIF and TIFF is applied. Palettes become RGB, or RGBA if a colour of them is transparent; 1 bit
    becomes 0 and 255; CMYK and other colour spaces become RGB. The pages of a TIFF file with several, and the last axis
    of a NumPy array, are channels. What EXIF says wrongly is passed over.

    Args:
        source: a JPEG, PNG, WebP, BMP, TIFF, DICOM or NumPy (`.npy`) file; its content tells which, not its name.
        indexed: give the indices of a palette and not its colours.
        channels: that are expected; a file of several pages is refused unless they are a number that all pages together
            make up. None takes any.

    Returns:
        (height, width, channels), mostly uint8, uint16 or float32.

    Raises:
        DataError: if it cannot be read as a picture, or would take more than 256 MB.
    """
    return decode(source, channels).values(indexed=indexed)


@dataclass(frozen=True)
class Decoded:
    """A picture file that was decoded.

    Args:
        header: what it says of itself.
        pixels: its values, or the image that Pillow has decoded.
        orientation: that they still have.
    """

    header: Header
    pixels: np.ndarray | Image.Image
    orientation: int = 1

    def values(self, *, indexed: bool = False) -> np.ndarray:
        """Return what `read_array` does."""
        array = self.pixels
        if isinstance(array, Image.Image):
            array = values_of(array, self.header, indexed=indexed)
        return upright(array, self.orientation)


def decode(source: Source, *channels: int | str | None) -> Decoded:
    """Decode a picture file; see `read_array`.

    Args:
        source: the file.
        channels: that are expected, of each format that it is read for.

    Raises:
        DataError: if it cannot be read as a picture, would take more than 256 MB, or has pages that are no channels.
    """
    with readable(source), opened(source) as file:
        kind = _kind(file, source, MOST_BYTES)
        if kind == "NumPy":
            return Decoded(_header(kind, file, source, MOST_BYTES), read_npy(file))
        # Decoders go back and forth, and OpenCV takes nothing but bytes.
        content = file.read()
        if kind == "image":
            return Decoded(*decode_image(content))
        file = io.BytesIO(content)
        header = _header(kind, file, source, MOST_BYTES)
        if any(header.is_stack(expected) for expected in channels):
            raise DataError(f"{source} {several_pages(header.pages, header.channels)}")
        if kind == "DICOM":
            return Decoded(header, read_dicom(file, source))
        return Decoded(header, read_tiff(file), header.orientation)


def _kind(file: BinaryIO, source: Source, most: int) -> Kind:
    """Return what reads an open file, which is left at its beginning."""
    start = file.read(START)
    size = file.seek(0, os.SEEK_END)
    kind: Kind = "image"
    if start.startswith(NPY_START):
        kind = "NumPy"  # which says itself how many bytes of it are the picture
    elif size > most:
        raise UnfitError(
            f"it has {size >> 20:,} MB, more than the {most >> 20} that are read; {REMEDY}"
        )
    elif is_dicom(start):  # which may be a TIFF file besides
        kind = "DICOM"
    elif start.startswith(TIFF_STARTS) and not for_pillow(file, source):
        kind = "TIFF"
    file.seek(0)
    return kind


def _header(kind: Kind, file: BinaryIO, source: Source, most: int) -> Header:
    if kind == "NumPy":
        header = npy_header(file, most)
    elif kind == "DICOM":
        header = dicom_header(file, source)
    elif kind == "TIFF":
        header = tiff_header(file, most)
    else:
        header = image_header(file, most)
    file.seek(0)
    return header
