"""Picture files in requests and answers: checked before they are decoded, encoded as the client accepts."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import tifffile
from PIL import Image, UnidentifiedImageError

from zoo.errors import DataError
from zoo.pictures import Header, PictureFormat, read_array, read_header, to_float
from zoo.pictures.bands import in_bands
from zoo.pictures.header import UnfitError, check_size, of_pillow, readable
from zoo.pictures.npy import START as NPY_START
from zoo.pictures.read import decode_with_nodata, deep_png
from zoo.pictures.tiff import STARTS as TIFF_STARTS
from zoo.pictures.tiff import for_pillow, tiff_header
from zoo.pictures.tiff_tags import Tag, layout
from zoo.pictures.write import fits
from zoo_web.service.errors import HTTPError

Read = TypeVar("Read")

NAME = "the picture"
# Pillow knows many more kinds; some of them run other programs.
KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
UNKNOWN = f"{NAME} is not one that can be read; expected JPEG, PNG, WebP, TIFF, BMP or NumPy's .npy"
MEDIA = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/tiff": ".tif"}
JPEG_QUALITY = 95
# The largest side that the kind of file holds.
MOST_SIDE = {".jpg": 65_535, ".webp": 16_383}
# Half the time of Pillow's own choice, and files a few percent larger.
PNG_LEVEL = 3


def header_of(content: bytes, most_pixels: int) -> Header:
    """Read what a picture file says of itself, without decoding it.

    Args:
        content: of the file.
        most_pixels: that it may have.

    Raises:
        HTTPError: 413 if it has more; 400 if it is no picture.
    """

    def check(width: int, height: int) -> None:
        if width * height > most_pixels:
            raise HTTPError(
                413,
                f"{NAME} has {width} x {height} pixels; at most {most_pixels / 1e6:.3g} million are translated",
            )

    try:
        with readable(Path(NAME)):
            return _header(content, check)
    except DataError as error:
        cause = error.__cause__
        if isinstance(cause, HTTPError):
            raise cause from None
        raise HTTPError(400, str(error)) from None


def _header(content: bytes, check: Callable[[int, int], None]) -> Header:
    if not content:
        raise DataError(f"{NAME} is empty")
    if content.startswith(NPY_START):
        header = _in_file(content, read_header)
        check(header.width, header.height)
        return header
    file = io.BytesIO(content)
    if content.startswith(TIFF_STARTS):
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            check(page.imagewidth, page.imagelength)
        if not for_pillow(file, Path(NAME)):
            header = tiff_header(file)
            check(header.width, header.height)
            return header
        file.seek(0)
    try:
        with Image.open(file, formats=KINDS) as picture:
            check(*picture.size)
            return check_size(of_pillow(picture, deep=deep_png(content)))
    except UnidentifiedImageError:
        raise DataError(UNKNOWN) from None
    except Image.DecompressionBombError:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise HTTPError(
            413, f"{NAME} has more than {most} million pixels, far more than are translated"
        ) from None


def check_format(header: Header, form: PictureFormat) -> None:
    """See whether a picture is of a format.

    Raises:
        HTTPError: 400 if it has other values or channels.
    """
    try:
        form.check(header.channels, header.dtype, indexed=header.indexed, pages=header.pages)
    except ValueError as error:
        raise HTTPError(400, f"{NAME} {error}") from None


def decode_picture(content: bytes, form: PictureFormat) -> np.ndarray:
    """Decode a picture file of a format.

    Args:
        content: of the file, whose header was checked.
        form: what is expected.

    Returns:
        (height, width, channels), the values as they are in the file, in holes that of the format.

    Raises:
        HTTPError: 400 if it cannot be decoded.
    """
    by_value = bool(form.classes) and isinstance(form.classes[0], int)
    try:
        if content.startswith(NPY_START):
            return _in_file(content, read_array)
        array, nodata = decode_with_nodata(content, NAME, indexed=by_value)
    except DataError as error:
        raise HTTPError(400, str(error)) from None
    return form.with_known_holes(array, nodata)


def _in_file(content: bytes, read: Callable[[Path], Read]) -> Read:
    """NumPy's files are read from a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.npy"
        path.write_bytes(content)
        try:
            return read(path)
        except DataError as error:
            raise DataError(str(error).replace(str(path), NAME)) from None


def choose_media(picture: np.ndarray, accept: str) -> str:
    """Choose the kind of file for an answer.

    Args:
        picture: (height, width, channels), as in files.
        accept: the request's header; the kinds it names with the highest `q` go first.

    Returns:
        The media type: of those that hold the picture and are accepted the one the client likes best. PNG and TIFF go
        before the others, as they keep every value.

    Raises:
        HTTPError: 406 if none is accepted.
    """
    possible = _possible(picture)
    wanted = _accepted(accept)
    # Of a kind that several ranges match, the most exact one counts.
    likes = {
        kind: max(((_exact(r, kind), q) for r, q in wanted), default=(0, 0.0)) for kind in possible
    }
    liked = [kind for kind in possible if likes[kind][0] and likes[kind][1] > 0]
    if not liked:
        raise HTTPError(
            406,
            f"the translated picture can be answered as {', '.join(possible)}, of which the request accepts none",
        )
    return max(liked, key=lambda kind: likes[kind][1])


def _possible(picture: np.ndarray) -> list[str]:
    height, width, channels = picture.shape
    if not fits(picture, ".png"):
        return ["image/tiff"]
    if picture.dtype != np.uint8:
        return ["image/png", "image/tiff"]
    kinds = ["image/png"]
    if max(height, width) <= MOST_SIDE[".jpg"] and channels != 4:
        kinds.append("image/jpeg")
    if max(height, width) <= MOST_SIDE[".webp"]:
        kinds.append("image/webp")
    return [*kinds, "image/tiff"]


def _accepted(accept: str) -> list[tuple[str, float]]:
    wanted = []
    for part in (accept or "*/*").split(",")[:50]:
        kind, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            wanted.append((kind, min(1.0, max(0.0, float(quality)))))
        except ValueError:
            continue
    return wanted


def _exact(media_range: str, kind: str) -> int:
    """How exactly a media range names a kind: 0 not at all, 3 by its name."""
    ranges = ("*/*", f"{kind.partition('/')[0]}/*", kind)
    return ranges.index(media_range) + 1 if media_range in ranges else 0


def encode_picture(picture: np.ndarray, media: str, tags: Sequence[Tag] = ()) -> bytes:
    """Return a picture file.

    Args:
        picture: (height, width, channels), as in files.
        media: as `choose_media` chose it.
        tags: to write into a TIFF file; other kinds of files go without.
    """
    if picture.shape[2] == 1:
        picture = picture[..., 0]
    if media == "image/png" and picture.dtype == np.uint16 and picture.ndim == 3:
        coded, content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        if not coded:
            raise UnfitError("OpenCV cannot encode the picture")
        return content.tobytes()
    file = io.BytesIO()
    options: dict[str, Any]
    if media == "image/tiff":
        channels = 1 if picture.ndim == 2 else picture.shape[2]
        options = layout(channels, picture.dtype)
        tifffile.imwrite(file, picture, compression="zlib", extratags=tags, **options)
        return file.getvalue()
    options = {"compress_level": PNG_LEVEL} if media == "image/png" else {"quality": JPEG_QUALITY}
    Image.fromarray(picture).save(file, media.removeprefix("image/").upper(), **options)
    return file.getvalue()


def for_people(picture: np.ndarray, form: PictureFormat) -> np.ndarray:
    """Return a picture as 8-bit colours to look at.

    Args:
        picture: (height, width, channels), as in files of the format; of plain formats of any channels.
        form: its format.

    Returns:
        uint8 (height, width, 3).
    """

    def shown(top: int, below: int) -> np.ndarray:
        rows = picture[top:below]
        values = to_float(rows) if form.plain else form.to_network(form.as_stored(rows))
        return form.for_people(values)

    return in_bands(shown, *picture.shape[:2])
