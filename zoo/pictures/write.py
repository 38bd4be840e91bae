"""Writing picture files: whole or not at all, at the bit depth of the array."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import tifffile
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures.tiff_tags import Tag, layout


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
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        _write_tiff(partial, picture, tags)
    elif suffix == ".npy":
        np.save(partial, picture)
    elif not fits(picture, suffix):
        channels = 1 if picture.ndim == 2 else picture.shape[2]
        raise ZooError(
            f"{path.name} cannot hold {channels} channels of {picture.dtype}; write a .tif or .npy file"
        )
    elif picture.dtype == np.uint16 and picture.ndim == 3:
        coded, content = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        if not coded:
            raise ZooError(f"{path.name} cannot be encoded")
        partial.write_bytes(content.tobytes())
    else:
        Image.fromarray(picture).save(partial, quality=95)
    partial.replace(path)


def fits(picture: np.ndarray, suffix: str) -> bool:
    """Return whether a kind of file that is not TIFF or NumPy holds pictures of such a type and such channels."""
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    if picture.dtype == np.uint8:
        return channels in (1, 3, 4)
    return picture.dtype == np.uint16 and channels in (1, 3) and suffix == ".png"


def _write_tiff(path: Path, picture: np.ndarray, tags: Sequence[Tag]) -> None:
    options = layout(1 if picture.ndim == 2 else picture.shape[2], picture.dtype)
    tifffile.imwrite(path, picture, compression="zlib", extratags=tags, **options)
