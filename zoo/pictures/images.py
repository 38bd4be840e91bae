"""Picture files that Pillow opens: JPEG, PNG, WebP, BMP, GIF, and TIFF where tifffile cannot decode it."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from zoo.pictures.bands import in_bands
from zoo.pictures.header import Header, check_size
from zoo.pictures.holes import GDAL_NODATA, nodata_of
from zoo.pictures.orientation import TRANSPOSED, of_image
from zoo.pictures.source import MOST_PIXELS

# Channels and type of what Pillow decodes, by its mode; what is not here is converted to RGB.
MODES = {
    "1": (1, "uint8"),
    "L": (1, "uint8"),
    "LA": (2, "uint8"),
    "RGB": (3, "uint8"),
    "RGBA": (4, "uint8"),
    "I;16": (1, "uint16"),
    "I;16B": (1, "uint16"),
    "I;16L": (1, "uint16"),
    "I": (1, "int32"),
    "F": (1, "float32"),
}
# Modes of Pillow, and kinds of file, that OpenCV decodes alike, and faster.
QUICK_MODES = ("L", "RGB")
QUICK_KINDS = ("JPEG", "PNG", "WEBP", "BMP")
# Tags of a TIFF file.
WIDTH, LENGTH = 256, 257


class _JpegFile(JpegImageFile):
    """A JPEG file without the resolution that Pillow looks for in EXIF, and warns about where that is damaged."""

    def _read_dpi_from_exif(self) -> None:
        pass


# By the first bytes. Pillow knows many more kinds; some of them run other programs.
KINDS: tuple[tuple[bytes, type[ImageFile]], ...] = (
    (b"\xff\xd8\xff", _JpegFile),
    (b"\x89PNG\r\n\x1a\n", PngImageFile),
    (b"RIFF", WebPImageFile),
    (b"BM", BmpImageFile),
    (b"GIF8", GifImageFile),
    (b"II", TiffImageFile),
    (b"MM", TiffImageFile),
)


def open_image(file: BinaryIO) -> ImageFile:
    """Open a picture file as `PIL.Image.open` does, which warns of large pictures.

    Raises:
        PIL.UnidentifiedImageError: if it is of none of the kinds that are read.
        PIL.Image.DecompressionBombError: if it has too many pixels.
    """
    file.seek(0)
    start = file.read(12)
    kind = next((kind for begin, kind in KINDS if start.startswith(begin)), None)
    if kind is None or (kind is WebPImageFile and not start.endswith(b"WEBP")):
        raise UnidentifiedImageError
    file.seek(0)
    try:
        picture = kind(file)
    except (SyntaxError, IndexError, TypeError, struct.error):
        raise UnidentifiedImageError from None
    if picture.width * picture.height > MOST_PIXELS:
        raise Image.DecompressionBombError
    return picture


def header_of_image(picture: Image.Image, *, deep: bool = False) -> Header:
    """Return the header of a picture that Pillow has opened.

    Args:
        picture: opened, decoded or not.
        deep: whether it is a PNG of 16 bits a channel.
    """
    transparent = picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info
    channels, dtype = MODES.get(picture.mode, (4 if transparent else 3, "uint8"))
    if transparent and not picture.mode.endswith("A"):
        channels = 4  # a colour, or the colours of a palette, that is to be seen through
    if deep:
        dtype = "uint16"
    orientation = of_image(picture)
    width, height = picture.size
    if orientation in TRANSPOSED:
        if isinstance(picture, TiffImageFile):  # whose size some versions of Pillow have turned
            width, height = picture.tag_v2[WIDTH], picture.tag_v2[LENGTH]
        height, width = width, height
    return Header(
        height,
        width,
        channels,
        dtype,
        picture.format or "picture",
        indexed=picture.mode in ("P", "PA"),
        transparent=transparent,
        orientation=orientation,
        nodata=nodata_of(picture.tag_v2.get(GDAL_NODATA), dtype)
        if isinstance(picture, TiffImageFile)
        else None,
    )


def image_header(file: BinaryIO, most: int) -> Header:
    """Return the header of an open file of at most so many bytes in memory; see `open_image` for errors.

    Raises:
        UnfitError: if it has no pixels, or too many.
    """
    with open_image(file) as picture:
        file.seek(0)
        return check_size(header_of_image(picture, deep=_is_deep_png(file.read(25))), most)


def decode_image(content: bytes) -> tuple[Header, np.ndarray | Image.Image, int]:
    """Decode a file; see `image_header` for errors.

    Returns:
        Its header; its values, or the image that Pillow has decoded, of which `values_of` makes them; and the
        orientation that they still have.
    """
    deep = _is_deep_png(content)
    with open_image(io.BytesIO(content)) as picture:
        header = check_size(header_of_image(picture, deep=deep))
        quick = (
            picture.mode in QUICK_MODES and not header.transparent and header.kind in QUICK_KINDS
        )
        if deep or (quick and _is_whole(content, header.kind)):
            array = _by_opencv(content, header)
            if array is not None:
                return header, array, header.orientation
        picture.load()
        # Pillow turns TIFF files by itself.
        left = of_image(picture) if header.kind == "TIFF" else header.orientation
        return header, picture, left


def values_of(picture: Image.Image, header: Header, *, indexed: bool = False) -> np.ndarray:
    """Return the values (height, width, channels) of an image that Pillow has decoded.

    Args:
        picture: decoded.
        header: its `header_of_image`.
        indexed: give the indices of a palette and not its colours.
    """
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[header.channels]
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


def _is_deep_png(start: bytes) -> bool:
    """Return whether a file begins as a PNG of 16 bits a channel, of which Pillow keeps 8 in colours."""
    return start.startswith(b"\x89PNG") and start[24:25] == b"\x10"


def _is_whole(content: bytes, kind: str) -> bool:
    """Return whether a JPEG or PNG file has its end: OpenCV paints what is missing grey, without a word."""
    end = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}.get(kind, b"")
    return end in content[-4096:]


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
