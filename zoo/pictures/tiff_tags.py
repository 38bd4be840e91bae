"""What is written into TIFF files beside the pixels: how channels lie, and where on earth the picture is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from zoo.pictures.geographic import upright_tags
from zoo.pictures.header import readable
from zoo.pictures.orientation import of_tiff

Tag = tuple[int, int, int, Any, bool]
"""As tifffile writes them: code, type, count, value, and whether it is for the first page alone."""

# ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory, GeoDoubleParams, GeoAsciiParams.
# Source: https://docs.ogc.org/is/19-008r4/19-008r4.html
GEOGRAPHIC = (33550, 33922, 34264, 34735, 34736, 34737)


def layout(channels: int, dtype: np.dtype) -> dict[str, Any]:
    """Return what tifffile needs to know to write channels that lie side by side in each pixel."""
    colours = channels in (3, 4) and dtype.kind == "u"
    return {
        "photometric": "rgb" if colours else "minisblack",
        "planarconfig": "contig" if channels > 1 else None,
        "extrasamples": ["unassalpha"] if colours and channels == 4 else None,
    }


def geographic_tags(path: Path) -> tuple[Tag, ...]:
    """Return the tags of a TIFF file that say where on earth it is; none of a file of another kind.

    A picture translated keeps its size, so that they hold for it as well; if it is turned upright, so are they.
    """
    if path.suffix.lower() not in (".tif", ".tiff"):
        return ()
    with readable(path):
        try:
            with tifffile.TiffFile(path) as tiff:
                page = tiff.pages.first
                tags = [page.tags[code] for code in GEOGRAPHIC if code in page.tags]
                found = [(tag.code, int(tag.dtype), tag.count, tag.value, True) for tag in tags]
                return upright_tags(found, of_tiff(page), page.imagelength, page.imagewidth)
        except tifffile.TiffFileError:  # a picture of another kind, whatever its name
            return ()
