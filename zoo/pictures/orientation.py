"""The orientation that EXIF and TIFF's tag 274 give a picture: which of its sides is up, and whether it is mirrored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

ORIENTATION = 0x0112
"""The tag."""
# The rows of the stored picture are columns of the upright one.
TRANSPOSED = (5, 6, 7, 8)
# The upright picture is then mirrored top to bottom, and left to right.
UPSIDE_DOWN = (3, 4, 7, 8)
MIRRORED = (2, 3, 6, 7)

PNG = b"\x89PNG\r\n\x1a\n"
# Where a TIFF file has no such tag, Pillow looks for it here.
XMP = 700
XMP_ORIENTATION = rb'tiff:Orientation(?:="|>)([0-9])'


def checked(stated: Any) -> int:
    """Return an orientation, 1 to 8; of anything else, as broken EXIF holds it, 1, which leaves a picture as it is."""
    return int(stated) if isinstance(stated, int) and 1 <= stated <= 8 else 1


def of_image(picture: Image.Image) -> int:
    """Return the orientation of an image that Pillow has opened; of TIFF none is left once it is decoded."""
    # Of PNG, its own `getexif` would decode the whole picture to look for EXIF behind its pixels, whatever its size.
    stated = _readable(lambda: Image.Image.getexif(picture))
    file = getattr(picture, "fp", None)
    if stated is None and picture.format == "PNG" and file is not None:
        place = file.tell()
        stated = _readable(lambda: _behind_pixels(file))
        file.seek(place)
    return checked(stated)


def _readable(exif: Callable[[], Mapping[int, Any]]) -> Any:
    """Return what EXIF states, None if nothing."""
    with suppress(
        Exception
    ):  # Pillow raises whatever it meets in broken EXIF, which is no reason to refuse a picture.
        return exif().get(ORIENTATION)
    return None


def of_tiff(page: Any) -> int:
    """Return the orientation of a page that tifffile has opened."""
    stated, xmp = page.tags.valueof(ORIENTATION), page.tags.valueof(XMP)
    if stated is None and isinstance(xmp, bytes) and (found := re.search(XMP_ORIENTATION, xmp)):
        stated = int(found[1])
    return checked(stated)


def upright(array: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror a stored picture, or a part of one, as EXIF says; see its table of orientations.

    Args:
        array: (height, width, channels).
        orientation: 1 to 8.
    """
    if orientation in TRANSPOSED:
        array = array.swapaxes(0, 1)
    if orientation in UPSIDE_DOWN:
        array = array[::-1]
    if orientation in MIRRORED:
        array = array[:, ::-1]
    return array if orientation == 1 else np.ascontiguousarray(array)


def _behind_pixels(file: BinaryIO) -> Image.Exif:
    """Return the EXIF that comes after the pixels of a PNG file; only the beginnings of chunks are read."""
    exif = Image.Exif()
    place = len(PNG)
    while len(start := _at(file, place, 8)) == 8:
        length, name = int.from_bytes(start[:4], "big"), start[4:]
        if name == b"eXIf":
            exif.load(_at(file, place + 8, length))
            break
        place += 12 + length
    return exif


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)
