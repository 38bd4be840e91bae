"""Working on a large picture a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Pixels of a band; most pictures are smaller, and done at once.
PIXELS = 2**20


def in_bands(work: Callable[[int, int], np.ndarray], height: int, width: int) -> np.ndarray:
    """Return the rows that a function makes of a picture, so that what it needs in between stays small.

    Args:
        work: given the first row and the one after the last, makes the array of these rows alone.
        height: of the picture.
        width: of the picture.
    """
    rows = max(1, PIXELS // max(1, width))
    if rows >= height:
        return work(0, height)
    first = work(0, rows)
    whole = np.empty((height, *first.shape[1:]), first.dtype)
    whole[:rows] = first
    for top in range(rows, height, rows):
        below = min(top + rows, height)
        whole[top:below] = work(top, below)
    return whole
