"""Where in pictures, and at what brightness, a model errs."""

from __future__ import annotations

from typing import Any

import numpy as np

CELLS = 16
BINS = 10


class ErrorMaps:
    """Adds up absolute errors by the position in the picture and by the brightness of the target.

    Args:
        size: height and width of the pictures.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.cells = tuple(min(CELLS, length) for length in size)
        # Of each row and column, the cell that it lies in.
        self._starts = [
            -(-np.arange(cells) * length // cells)
            for cells, length in zip(self.cells, size, strict=True)
        ]
        self._errors, self._pixels = np.zeros(size), np.zeros(size)
        self._by_brightness = np.zeros((2, BINS))
        self._pictures = np.zeros(BINS, int)

    def add(self, target: np.ndarray, translated: np.ndarray, mask: np.ndarray | None) -> None:
        """Add a batch.

        Args:
            target: (N, H, W, C) in [-1, 1].
            translated: of the same shape.
            mask: (N, H, W, 1), 0 in holes, or None.
        """
        errors = np.abs(target - translated).mean(axis=-1)
        valid = np.ones(errors.shape, bool) if mask is None else mask[..., 0] > 0
        self._errors += np.where(valid, errors, 0).sum(axis=0)
        self._pixels += valid.sum(axis=0)
        shown = np.clip((target.mean(axis=-1) + 1) / 2 * BINS, 0, BINS - 1).astype(int)
        for bins, error, there in zip(shown, errors, valid, strict=True):
            pixels = np.bincount(bins[there], minlength=BINS)
            self._by_brightness[0] += np.bincount(bins[there], error[there], minlength=BINS)
            self._by_brightness[1] += pixels
            self._pictures += pixels > 0

    def by_position(self) -> dict[str, Any]:
        """Return the mean absolute error in each cell of a grid, on [-1, 1]; None where no target has a value."""
        errors, pixels = (self._in_cells(part) for part in (self._errors, self._pixels))
        rows, columns = self.cells
        return {"rows": rows, "columns": columns, "values": _means(errors, pixels)}

    def by_brightness(self) -> dict[str, Any]:
        """Return the mean absolute error of pixels by the brightness of their target, 0 to 1; None where there is none.

        Brightness is the mean over channels. `pictures` counts those that have such pixels.
        """
        return {
            "edges": [round(edge / BINS, 6) for edge in range(BINS + 1)],
            "values": _means(*self._by_brightness),
            "pictures": self._pictures.tolist(),
        }

    def _in_cells(self, pixels: np.ndarray) -> np.ndarray:
        rows = np.add.reduceat(pixels, self._starts[0], axis=0)
        cells: np.ndarray = np.add.reduceat(rows, self._starts[1], axis=1)
        return cells


def _means(sums: np.ndarray, counts: np.ndarray) -> Any:
    means = np.full(sums.shape, None, object)
    means[counts > 0] = sums[counts > 0] / counts[counts > 0]
    return means.tolist()
