"""The orientation that EXIF and TIFF's tag 274 give a picture: which of its sides is up, and whether it is mirrored."""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

ORIENTATION = 0x0112
"""The tag."""
# The rows of the stored picture are columns of the upright one.
TRANSPOSED = (5, 6, 7, 8)
# The upright picture is then mirrored top to bottom, and left to right.
UPSIDE_DOWN = (3, 4, 7, 8)
MIRRORED = (2, 3, 6, 7)

EXIF_START = b"Exif\0\0"
# By the types of its numbers: SHORT and LONG.
NUMBERS = {3: "H", 4: "I"}
RAW_PROFILE = "Raw profile type exif"
PNG = b"\x89PNG\r\n\x1a\n"
# Where there is no such tag, Pillow looks for it here.
XMP = 700
XMP_ORIENTATION = rb'tiff:Orientation(?:="|>)([0-9])'


def checked(stated: Any) -> int:
    """Return an orientation, 1 to 8; of anything else, as broken EXIF holds it, 1, which leaves a picture as it is."""
    return int(stated) if isinstance(stated, int) and 1 <= stated <= 8 else 1


def of_image(picture: Image.Image) -> int:
    """Return the orientation of an image that Pillow has opened; of TIFF none is left once it is decoded."""
    if isinstance(picture, TiffImageFile):
        with suppress(Exception):  # Pillow raises whatever it meets in broken EXIF.
            return checked(picture.getexif().get(ORIENTATION))
        return 1
    # Pillow's `getexif` warns about what is damaged, and decodes a PNG to look for EXIF behind its pixels.
    info = picture.info
    stated = _in_exif(info.get("exif") or _raw_profile(info.get(RAW_PROFILE, "")))
    if stated is None:
        stated = _in_xmp(info.get("xmp") or info.get("XML:com.adobe.xmp", ""))
    file = getattr(picture, "fp", None)
    if stated is None and picture.format == "PNG" and file is not None:
        place = file.tell()
        stated = _in_exif(_behind_pixels(file))
        file.seek(place)
    return checked(stated)


def _in_exif(exif: bytes) -> int | None:
    """Return the orientation that EXIF states; None if it does not, or not where it can be read."""
    begin = 0
    while exif.startswith(EXIF_START, begin):
        begin += len(EXIF_START)
    exif = exif[begin:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return None
    with suppress(struct.error):  # where it ends early
        (place,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, place)
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            tag, kind, numbers = struct.unpack_from(f"{order}HHI", exif, entry)
            if tag == ORIENTATION and kind in NUMBERS and numbers == 1:
                stated: int = struct.unpack_from(order + NUMBERS[kind], exif, entry + 8)[0]
                return stated
    return None


def _raw_profile(text: str) -> bytes:
    """Return the EXIF that ImageMagick writes into PNG files as text."""
    with suppress(ValueError):
        return bytes.fromhex("".join(text.split("\n")[3:]))
    return b""


def _in_xmp(xmp: bytes | str) -> int | None:
    found = re.search(XMP_ORIENTATION, xmp.encode() if isinstance(xmp, str) else xmp)
    return int(found[1]) if found else None


def of_tiff(page: Any) -> int:
    """Return the orientation of a page that tifffile has opened."""
    stated, xmp = page.tags.valueof(ORIENTATION), page.tags.valueof(XMP)
    if stated is None and isinstance(xmp, bytes):
        stated = _in_xmp(xmp)
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


def _behind_pixels(file: BinaryIO) -> bytes:
    """Return the EXIF that comes after the pixels of a PNG file; only the beginnings of chunks are read."""
    place = len(PNG)
    while len(start := _at(file, place, 8)) == 8:
        length, name = int.from_bytes(start[:4], "big"), start[4:]
        if name == b"eXIf":
            return _at(file, place + 8, length)
        place += 12 + length
    return b""


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)
