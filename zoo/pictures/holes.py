"""Holes: values of a picture that are missing, marked by a nodata value or, in floats, by NaN."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

# GDAL's tag of TIFF files, a number as text.
# Source: https://gdal.org/en/stable/drivers/raster/gtiff.html#nodata-value
GDAL_NODATA = 42113
ASCII = 2


def nodata_of(text: Any, dtype: str) -> float | None:
    """Return the value that marks holes in a file, as its tag names it.

    Args:
        text: of the tag, or what stands in its place.
        dtype: of the file's values.

    Returns:
        The number; None without a tag, if no value of that type can be it, or if it is NaN, which always marks a hole.
    """
    try:
        number = float(str(text).strip("\0 "))
    except ValueError:
        return None
    kind = np.dtype(dtype)
    if not np.isfinite(number):
        return None
    if kind.kind == "f":
        # A number beyond the type's, by a rounding of its text, is its lowest or highest.
        return float(np.clip(number, np.finfo(kind).min, np.finfo(kind).max).astype(kind))
    bounds = np.iinfo(kind)
    return number if number.is_integer() and bounds.min <= number <= bounds.max else None


def nodata_tag(nodata: float) -> tuple[int, int, int, str, bool]:
    """Return the tag that names the value of holes, as tifffile writes it."""
    text = f"{int(nodata)}" if float(nodata).is_integer() and abs(nodata) < 2**63 else repr(nodata)
    return (GDAL_NODATA, ASCII, 0, text, True)


def find_holes(array: np.ndarray, nodata: float | None) -> np.ndarray | None:
    """Return where values are missing.

    Args:
        array: values as in files.
        nodata: the value that marks holes; in floats NaN does as well.

    Returns:
        bool, of the shape of the array; None if no value is missing.
    """
    holes = None
    if nodata is not None:
        holes = array == array.dtype.type(nodata)
    if array.dtype.kind == "f":
        holes = np.isnan(array) if holes is None else holes | np.isnan(array)
    return holes if holes is not None and holes.any() else None


def fill_from_nearest(picture: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Return a picture whose holes have the value of the nearest pixel that has one, so that it may be resampled.

    Args:
        picture: (height, width, channels).
        holes: bool of the same shape; a channel that is all hole stays as it is.
    """
    filled = picture.copy()
    for channel in range(picture.shape[2]):
        missing = holes[..., channel]
        if not missing.any() or missing.all():
            continue
        _, labels = cv2.distanceTransformWithLabels(
            missing.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        plane = picture[..., channel]
        values = np.zeros(labels.max() + 1, picture.dtype)
        values[labels[~missing]] = plane[~missing]
        filled[..., channel] = np.where(missing, values[labels], plane)
    return filled
