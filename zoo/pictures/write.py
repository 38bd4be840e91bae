"""Writing picture files: whole or not at all, at the bit depth of the array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import tifffile
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures.header import UnfitError
from zoo.pictures.tiff_tags import Tag, layout

# Pillow's names of kinds of files.
KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}


def write_picture(path: Path, picture: np.ndarray, tags: Sequence[Tag] = ()) -> None:
    """Write a picture in the kind of file of the path's suffix.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Args:
        path: ends in `.tif` or `.tiff` for any type and number of channels, `.npy` for NumPy's own, or `.png`, `.jpg`,
            `.webp`, `.bmp` for 8 bits, `.png` for 16 as well.
        picture: (height, width) or (height, width, channels).
        tags: to write into a TIFF file; other kinds of files go without.

    Raises:
        ZooError: if such a file cannot hold the picture.
    """
    with whole_or_not(path) as partial, partial.open("wb") as file:
        try:
            encode(file, picture, path.suffix.lower(), tags)
        except UnfitError as error:
            raise ZooError(f"{path.name} {error}") from None


def encode(
    file: BinaryIO,
    picture: np.ndarray,
    suffix: str,
    tags: Sequence[Tag] = (),
    *,
    png_level: int = 6,
) -> None:
    """Write a picture into an open file; see `write_picture`.

    Args:
        file: open for writing.
        picture: (height, width) or (height, width, channels).
        suffix: tells the kind of file.
        tags: to write into a TIFF file.
        png_level: how much time PNG takes for a small file, 0 to 9.

    Raises:
        UnfitError: if such a file cannot hold the picture.
    """
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    if suffix in (".tif", ".tiff"):
        options = layout(channels, picture.dtype)
        tifffile.imwrite(file, picture, compression="zlib", extratags=tags, **options)
    elif suffix == ".npy":
        np.save(file, picture)
    elif not fits(picture, suffix):
        raise UnfitError(
            f"cannot hold {channels} channels of {picture.dtype}; write a .tif or .npy file"
        )
    elif picture.dtype == np.uint16 and picture.ndim == 3:
        coded, content = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        if not coded:
            raise UnfitError("cannot be encoded")
        file.write(content.tobytes())
    else:
        kind = KINDS.get(suffix)
        Image.fromarray(picture).save(file, kind, quality=95, compress_level=png_level)


@contextmanager
def whole_or_not(path: Path) -> Iterator[Path]:
    """Give the path of a file to write beside its place; it is moved there when it is whole, and otherwise deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def fits(picture: np.ndarray, suffix: str) -> bool:
    """Return whether a kind of file that is not TIFF or NumPy holds pictures of such a type and such channels."""
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    if picture.dtype == np.uint8:
        return channels in (1, 3, 4)
    return picture.dtype == np.uint16 and channels in (1, 3) and suffix == ".png"
