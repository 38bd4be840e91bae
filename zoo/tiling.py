"""Where overlapping tiles lie along one side of a picture, and how they fade into each other."""

from __future__ import annotations

import math

import numpy as np


class TiledAxis:
    """Tiles along one side of a picture: evenly spread, the first and last flush with the ends.

    A side shorter than a tile is continued at both ends; one as long as a tile is one tile with
    the weight 1.

    Args:
        length: pixels of the side, at least 1.
        size: pixels of a tile.
        overlap: least share of a tile in common with the next, in [0, 1).
    """

    def __init__(self, length: int, size: int, overlap: float) -> None:
        missing = max(0, size - length)
        self.padding = (missing // 2, missing - missing // 2)
        """Pixels to add before and after."""
        self.length = length + missing
        """Pixels of the padded side."""
        last = self.length - size
        stride = max(1, math.floor(size * (1 - overlap)))
        count = math.ceil(last / stride) + 1
        self.starts = [round(last * index / max(1, count - 1)) for index in range(count)]
        """The first pixel of each tile."""
        hann = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
        total = np.zeros(self.length)
        for start in self.starts:
            total[start : start + size] += hann
        self.weights = [
            (hann / total[start : start + size]).astype(np.float32) for start in self.starts
        ]
        """A window for each tile, float32 (size,); at every pixel they sum to 1."""
