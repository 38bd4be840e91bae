"""Picture files in requests and answers: checked before they are decoded, encoded as the client accepts."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from zoo import DataError
from zoo.pictures import (
    NO_LIMIT,
    Header,
    PictureFormat,
    Stream,
    Tag,
    TooManyPixelsError,
    UnknownKindError,
    encode,
    fits,
    in_bands,
    read_header,
)
from zoo_web.service.errors import HTTPError

NAME = "the picture"
UNKNOWN = f"{NAME} is not one that can be read; expected JPEG, PNG, WebP, TIFF, BMP or NumPy's .npy"
MEDIA = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/tiff": ".tif"}
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

    if not content:
        raise HTTPError(400, f"{NAME} is empty")
    try:
        header = read_header(Stream.of(content, NAME), most=NO_LIMIT, dicom=False)
    except TooManyPixelsError as error:
        what, _, _ = str(error).partition(", which")
        raise HTTPError(413, f"{what}, far more than are translated") from None
    except UnknownKindError:
        raise HTTPError(400, UNKNOWN) from None
    except DataError as error:
        raise HTTPError(400, str(error)) from None
    if header.width * header.height > most_pixels:
        raise HTTPError(
            413,
            f"{NAME} has {header.width} x {header.height} pixels; at most {most_pixels / 1e6:.3g} million are "
            "translated",
        )
    return header


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
    """Decode a picture file whose header was looked at, as `PictureFormat.read` does.

    Raises:
        HTTPError: 400 if it cannot be decoded, or is not of the format.
    """
    try:
        return form.read(Stream.of(content, NAME))
    except DataError as error:
        raise HTTPError(400, str(error)) from None


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
    file = io.BytesIO()
    encode(file, picture, MEDIA[media], tags, png_level=PNG_LEVEL)
    return file.getvalue()


def for_people(picture: np.ndarray, form: PictureFormat) -> np.ndarray:
    """Return a picture as 8-bit colours to look at.

    Args:
        picture: what `PictureFormat.read` returns.
        form: its format.

    Returns:
        uint8 (height, width, 3).
    """

    def shown(top: int, below: int) -> np.ndarray:
        return form.for_people(form.to_network(picture[top:below]))

    return in_bands(shown, *picture.shape[:2])
