"""Pictures as people hand them in: arrays of several shapes and types, PIL images."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures import to_float

GREY = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow's "L"


def as_array(picture: np.ndarray | Image.Image) -> np.ndarray:
    """Return a picture as an array (height, width, channels): uint8, or float in [-1, 1].

    Args:
        picture: PIL image, or array (height, width) or (height, width, channels).

    Raises:
        ZooError: if it is empty, or of another type, shape or value range.
    """
    if isinstance(picture, Image.Image):
        return _from_image(picture)
    array = np.asarray(picture)
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ZooError(
            f"the picture has the shape {array.shape}; "
            "expected (height, width) or (height, width, channels)"
        )
    _check_values(array)
    return array[..., None] if array.ndim == 2 else array


def with_channels(tile: np.ndarray, channels: int) -> np.ndarray:
    """Return what `as_array` gave as float32 in [-1, 1] with the wanted channels.

    Transparency is laid on white, grey is repeated, and colours are mixed to grey.

    Args:
        tile: (height, width, channels), uint8 or float.
        channels: channels wanted.

    Raises:
        ZooError: if there is no such way between the two numbers of channels.
    """
    values = to_float(tile) if tile.dtype == np.uint8 else tile.astype(np.float32)
    if values.shape[2] == 4 and channels != 4:
        opacity = (values[..., 3:] + 1) / 2
        values = values[..., :3] * opacity + (1 - opacity)
    if values.shape[2] == 1:
        values = np.repeat(values, channels, axis=-1)
    elif values.shape[2] == 3 and channels == 1:
        values = values @ GREY[:, None]
    if values.shape[2] != channels:
        raise ZooError(
            f"the picture has {values.shape[2]} channels; the network expects {channels}"
        )
    return values


def _from_image(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        raise ZooError(
            f"the picture has more than 8 bits a channel (mode {picture.mode}); "
            "expected an 8-bit picture"
        )
    if min(picture.size) == 0:
        raise ZooError("the picture is empty")
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if transparent else "L" if picture.mode in ("1", "L") else "RGB"
    pixels = np.asarray(picture.convert(mode))
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _check_values(array: np.ndarray) -> None:
    if array.dtype == np.uint8:
        return
    if not np.issubdtype(array.dtype, np.floating):
        raise ZooError(
            f"the picture's values are {array.dtype}; "
            "expected uint8 in [0, 255] or float in [-1, 1]"
        )
    least, most = float(array.min()), float(array.max())
    # Written so that NaN fails too; resizing leaves values a rounding error outside.
    if not (least >= -1.001 and most <= 1.001):
        raise ZooError(
            f"the picture's values lie between {least:.4g} and {most:.4g}; "
            "expected float in [-1, 1], or uint8 in [0, 255]"
        )
