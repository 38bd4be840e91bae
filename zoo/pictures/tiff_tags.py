"""What is written into TIFF files beside the pixels, and how channels lie."""

from __future__ import annotations

from typing import Any

import numpy as np

Tag = tuple[int, int, int, Any, bool]
"""As tifffile writes them: code, type, count, value, and whether it is for the first page alone."""


def layout(channels: int, dtype: np.dtype) -> dict[str, Any]:
    """Return what tifffile needs to know to write channels that lie side by side in each pixel."""
    colours = channels in (3, 4) and dtype.kind == "u"
    return {
        "photometric": "rgb" if colours else "minisblack",
        "planarconfig": "contig" if channels > 1 else None,
        "extrasamples": ["unassalpha"] if colours and channels == 4 else None,
    }
