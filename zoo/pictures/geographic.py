"""Where on earth the pixels of a TIFF file lie, once they are turned upright."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from zoo.pictures.orientation import MIRRORED, TRANSPOSED, UPSIDE_DOWN, of_tiff
from zoo.pictures.source import readable
from zoo.pictures.tiff import open_tiff
from zoo.pictures.tiff_tags import Tag

# Source: https://docs.ogc.org/is/19-008r4/19-008r4.html
SCALE, TIEPOINTS, TRANSFORMATION, KEYS = 33550, 33922, 34264, 34735
# And GeoDoubleParams, GeoAsciiParams.
GEOGRAPHIC = (SCALE, TIEPOINTS, TRANSFORMATION, KEYS, 34736, 34737)
RASTER_TYPE, PIXEL_IS_POINT = 1025, 2
DOUBLE = 12


def geographic_tags(path: Path) -> tuple[Tag, ...]:
    """Return the tags of a TIFF file that say where on earth it is; none of a file of another kind.

    A picture translated keeps its size, so that they hold for it as well; if it is turned upright, so are they.
    """
    if path.suffix.lower() not in (".tif", ".tiff"):
        return ()
    with readable(path):
        try:
            with open_tiff(path) as tiff:
                page = tiff.pages.first
                tags = [page.tags[code] for code in GEOGRAPHIC if code in page.tags]
                found = [(tag.code, int(tag.dtype), tag.count, tag.value, True) for tag in tags]
                return upright_tags(found, of_tiff(page), page.imagelength, page.imagewidth)
        except tifffile.TiffFileError:  # a picture of another kind, whatever its name
            return ()


def upright_tags(tags: Sequence[Tag], orientation: int, height: int, width: int) -> tuple[Tag, ...]:
    """Return the tags for the upright picture of those for the stored one, whose columns and rows they refer to.

    A scale and a tiepoint become a transformation, as no scale says that the axes are exchanged.

    Args:
        tags: as tifffile writes them.
        orientation: of the stored picture, 1 to 8.
        height: of the stored picture.
        width: of the stored picture.
    """
    if orientation == 1:
        return tuple(tags)
    if orientation in TRANSPOSED:
        height, width = width, height
    values = {code: value for code, _, _, value, _ in tags}
    stored = _stored_place(orientation, height, width, beyond=0 if _is_point(values) else 1)
    found = {tag[0]: tag for tag in tags}
    matrix = _transformation(values)
    if matrix is not None:
        for code in (SCALE, TIEPOINTS):
            found.pop(code, None)
        numbers = tuple((matrix @ stored).ravel().tolist())
        found[TRANSFORMATION] = (TRANSFORMATION, DOUBLE, 16, numbers, True)
    elif TIEPOINTS in values:
        points = np.reshape(values[TIEPOINTS], (-1, 6)).astype(np.float64)
        places = np.concatenate([points[:, :3], np.ones((len(points), 1))], axis=1)
        points[:, :3] = (places @ np.linalg.inv(stored).T)[:, :3]
        numbers = tuple(points.ravel().tolist())
        found[TIEPOINTS] = (TIEPOINTS, DOUBLE, len(numbers), numbers, True)
    return tuple(found[code] for code in sorted(found))


def _stored_place(orientation: int, height: int, width: int, *, beyond: int) -> np.ndarray:
    """Return the matrix (4, 4) that makes a column and a row of the stored picture from those of the upright one.

    Args:
        orientation: 1 to 8.
        height: of the upright picture.
        width: of the upright picture.
        beyond: 1 where places are those of the corners of pixels, 0 where they are those of the centres.
    """
    matrix = np.eye(4)
    if orientation in MIRRORED:
        matrix[0, 0], matrix[0, 3] = -1, width - 1 + beyond
    if orientation in UPSIDE_DOWN:
        matrix[1, 1], matrix[1, 3] = -1, height - 1 + beyond
    return matrix[[1, 0, 2, 3]] if orientation in TRANSPOSED else matrix


def _transformation(values: dict[int, Any]) -> np.ndarray | None:
    """Return the matrix (4, 4) from columns and rows to coordinates on earth; None if there is none."""
    if TRANSFORMATION in values:
        return np.reshape(values[TRANSFORMATION], (4, 4)).astype(np.float64)
    if SCALE not in values or TIEPOINTS not in values:
        return None
    # Rows run down, and coordinates up.
    scale = np.array(values[SCALE], np.float64) * (1, -1, 1)
    point = np.array(values[TIEPOINTS][:6], np.float64)
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = point[3:] - scale * point[:3]
    return matrix


def _is_point(values: dict[int, Any]) -> bool:
    keys = np.reshape(values.get(KEYS, ()), (-1, 4))
    return any(key == RASTER_TYPE and value == PIXEL_IS_POINT for key, _, _, value in keys[1:])
