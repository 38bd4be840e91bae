"""Reading picture files of any kind, bit depth and number of channels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image

from zoo.errors import DataError
from zoo.pictures.bands import in_bands
from zoo.pictures.dicom import dicom_header, is_dicom, read_dicom
from zoo.pictures.header import (
    MOST_BYTES,
    REMEDY,
    START,
    Header,
    UnfitError,
    check_size,
    of_pillow,
    readable,
    several_pages,
)
from zoo.pictures.npy import START as NPY_START
from zoo.pictures.npy import npy_header, read_npy
from zoo.pictures.orientation import of_image, upright
from zoo.pictures.tiff import STARTS as TIFF_STARTS
from zoo.pictures.tiff import for_pillow, read_tiff, tiff_header

# Modes of Pillow, and kinds of file, that OpenCV decodes alike, and faster.
QUICK_MODES = ("L", "RGB")
QUICK_KINDS = ("JPEG", "PNG", "WEBP", "BMP")
# OpenCV would share a picture out over threads of its own, which then fight with ours over the cores.
cv2.setNumThreads(0)
# What is wrong with a file is told in one sentence, and not by the decoder on the way.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def read_header(path: Path) -> Header:
    """Read what a picture file says of itself, without decoding it.

    Args:
        path: a JPEG, PNG, WebP, BMP, TIFF, DICOM or NumPy (`.npy`) file; its content tells which, not its name.

    Raises:
        DataError: if it cannot be read as a picture, or would take more than 256 MB.
    """
    with readable(path), _opened(path) as file:
        start = _start(file)
        if start.startswith(NPY_START):
            return npy_header(path)
        if is_dicom(start):
            return dicom_header(file, path)
        if start.startswith(TIFF_STARTS) and not for_pillow(file, path):
            return tiff_header(file)
        with Image.open(file) as picture:
            return check_size(of_pillow(picture, deep=deep_png(start)))


def read_array(
    path: Path, *, indexed: bool = False, channels: int | str | None = None
) -> np.ndarray:
    """Read a picture file as it is: with its own channels, and values of its own type.

    The orientation of EXIF and TIFF is applied. Palettes become RGB, or RGBA if a colour of them is transparent; 1 bit
    becomes 0 and 255; CMYK and other colour spaces become RGB. The pages of a TIFF file with several, and the last axis
    of a NumPy array, are channels. What EXIF says wrongly is passed over.

    Args:
        path: a JPEG, PNG, WebP, BMP, TIFF, DICOM or NumPy (`.npy`) file; its content tells which, not its name.
        indexed: give the indices of a palette and not its colours.
        channels: that are expected; a file of several pages is refused unless they are a number that all pages together
            make up. None takes any.

    Returns:
        (height, width, channels), mostly uint8, uint16 or float32.

    Raises:
        DataError: if it cannot be read as a picture, or would take more than 256 MB.
    """
    return read_with_nodata(path, indexed=indexed, channels=channels)[0]


def read_with_nodata(
    path: Path, *, indexed: bool = False, channels: int | str | None = None
) -> tuple[np.ndarray, float | None]:
    """Read a picture file as `read_array` does; return the value that marks its holes as well, if it names one."""
    with readable(path), _opened(path) as file:
        if _start(file).startswith(NPY_START):
            return read_npy(path), None
        return decode_with_nodata(file.read(), path, indexed=indexed, channels=channels)


def decode(
    content: bytes,
    name: Path | str,
    *,
    indexed: bool = False,
    channels: int | str | None = None,
) -> np.ndarray:
    """Decode the bytes of a picture file; see `read_array`.

    Args:
        content: of a JPEG, PNG, WebP, BMP, TIFF or DICOM file.
        name: what errors call it.
        indexed: give the indices of a palette and not its colours.
        channels: that are expected.

    Raises:
        DataError: if they are no picture, or would take more than 256 MB.
    """
    return decode_with_nodata(content, name, indexed=indexed, channels=channels)[0]


def decode_with_nodata(
    content: bytes,
    name: Path | str,
    *,
    indexed: bool = False,
    channels: int | str | None = None,
) -> tuple[np.ndarray, float | None]:
    """Decode the bytes of a picture file as `decode` does; return the value that marks its holes as well."""
    path = Path(name)
    with readable(path):
        if not content:
            raise DataError(f"{path} is empty; expected a picture")
        file = io.BytesIO(content)
        if is_dicom(content):
            header = dicom_header(file, path)
            _refuse_stack(header, channels, path)
            return read_dicom(file, path), None
        if content.startswith(TIFF_STARTS) and not for_pillow(file, path):
            header = tiff_header(file)
            _refuse_stack(header, channels, path)
            return upright(read_tiff(file), header.orientation), header.nodata
        deep = deep_png(content)
        with Image.open(file) as picture:
            header = check_size(of_pillow(picture, deep=deep))
            quick = (
                picture.mode in QUICK_MODES
                and not header.transparent
                and header.kind in QUICK_KINDS
            )
            array = None
            if deep or (quick and _whole(content, header.kind)):
                array = _by_opencv(content, header)
            orientation = header.orientation
            if array is None:
                array = _by_pillow(picture, header, indexed)
                if header.kind == "TIFF":  # which Pillow turns by itself
                    orientation = of_image(picture)
    return upright(array, orientation), header.nodata


def deep_png(start: bytes) -> bool:
    """Return whether a file begins as a PNG of 16 bits a channel, of which Pillow keeps 8 in colours."""
    return start.startswith(b"\x89PNG") and start[24:25] == b"\x10"


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file; what is none, such as a pipe that would never end, and what is too large, is refused."""
    stat = path.stat()
    if not S_ISREG(stat.st_mode):
        what = "a folder" if S_ISDIR(stat.st_mode) else "a pipe or a device"
        raise UnfitError(f"it is {what}, not a file")
    with path.open("rb") as file:
        if stat.st_size > MOST_BYTES and not _start(file).startswith(NPY_START):
            raise UnfitError(
                f"it has {stat.st_size >> 20:,} MB, more than the {MOST_BYTES >> 20} that are read; {REMEDY}"
            )
        yield file


def _start(file: BinaryIO) -> bytes:
    start = file.read(START)
    if not start:
        raise DataError(f"{file.name} is empty; expected a picture")
    file.seek(0)
    return start


def _refuse_stack(header: Header, channels: int | str | None, path: Path) -> None:
    if header.is_stack(channels):
        raise DataError(f"{path} {several_pages(header.pages, header.channels)}")


def _by_opencv(content: bytes, header: Header) -> np.ndarray | None:
    """Decode; None if OpenCV cannot, so that Pillow says why."""
    if header.channels == 1:
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH
    elif header.channels == 3:
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH
    else:
        flags = cv2.IMREAD_UNCHANGED
    try:
        array = cv2.imdecode(
            np.frombuffer(content, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        return None
    if array is None or array.ndim == 2:
        return array if array is None else array[..., None]
    return cv2.cvtColor(array, cv2.COLOR_BGRA2RGBA) if array.shape[2] == 4 else array


def _whole(content: bytes, kind: str) -> bool:
    """Return whether a JPEG or PNG file has its end: OpenCV paints what is missing grey, without a word."""
    end = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}.get(kind, b"")
    return end in content[-4096:]


def _by_pillow(picture: Image.Image, header: Header, indexed: bool) -> np.ndarray:
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[header.channels]
    picture.load()  # after which the size is that of the pixels
    width, height = picture.size

    def rows(top: int, below: int) -> np.ndarray:
        part = picture if below - top == height else picture.crop((0, top, width, below))
        if header.indexed and indexed:
            return np.asarray(part if part.mode == "P" else part.getchannel(0))
        if header.dtype == "uint8":
            return np.asarray(part if part.mode == mode else part.convert(mode))
        array = np.asarray(part)
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    array = in_bands(rows, height, width)
    return array[..., None] if array.ndim == 2 else array
