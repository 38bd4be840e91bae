"""Pictures as people hand them in: arrays of several shapes and types, PIL images."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures import PictureFormat
from zoo.pictures.images import header_of_image, values_of


def as_source(picture: np.ndarray | Image.Image, form: PictureFormat) -> tuple[np.ndarray, bool]:
    """Return a picture for a network whose sources are of a format.

    Args:
        picture: a PIL image; or an array (height, width) or (height, width, channels), of the type of the values in
            files or of floats in [-1, 1]. Where files hold floats, floats are always the values of files.
        form: of the network's sources.

    Returns:
        The picture, and whether its values are those of files. If so, it is what `form.as_stored` returns; otherwise
        it is float32 (height, width, depth) in [-1, 1].

    Raises:
        ZooError: if it is empty, or not of the format, or of another value range.
    """
    if isinstance(picture, Image.Image):
        return _stored(_from_image(picture, form), form), True
    array = np.asarray(picture)
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ZooError(
            f"the picture has the shape {array.shape}; "
            "expected (height, width) or (height, width, channels)"
        )
    array = array.reshape(*array.shape[:2], -1)
    in_files = np.dtype(form.dtype)
    if array.dtype == in_files or array.dtype.kind == in_files.kind == "f":
        return _stored(array.astype(in_files, copy=False), form), True
    if array.dtype.kind == "f":
        return _seen(array, form), False
    floats = "" if in_files.kind == "f" else ", or float in [-1, 1]"
    raise ZooError(
        f"the picture's values are {array.dtype}; expected {in_files} as in files{floats}"
    )


def _from_image(picture: Image.Image, form: PictureFormat) -> np.ndarray:
    """Return the values of an image as they are read from a file; see `zoo.pictures.read_array`."""
    if min(picture.size) == 0:
        raise ZooError("the picture is empty")
    return values_of(picture, header_of_image(picture), indexed=form.by_value)


def _stored(array: np.ndarray, form: PictureFormat) -> np.ndarray:
    try:
        return form.as_stored(array)
    except ValueError as error:
        raise ZooError(f"the picture {error}") from None


def _seen(array: np.ndarray, form: PictureFormat) -> np.ndarray:
    """Return floats in [-1, 1] with the channels that a network sees."""
    least, most = float(array.min()), float(array.max())
    # Written so that NaN fails too; resizing leaves values a rounding error outside.
    if not (least >= -1.001 and most <= 1.001):
        raise ZooError(
            f"the picture's values lie between {least:.4g} and {most:.4g}; "
            f"expected float in [-1, 1], or {form.dtype} as in files"
        )
    seen = array.astype(np.float32)
    if seen.shape[2] == form.depth:
        return seen
    # From 0 to 1, where transparency is laid on white, they keep the rules of files.
    channels = form.depth if form.classes else form.channels
    return 2 * _stored((seen + 1) / 2, PictureFormat(channels, "float32", (0.0,), (1.0,))) - 1
