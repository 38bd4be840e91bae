"""Metrics whose figure follows from what single pictures add up to."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops


class Additive:
    """A metric as numbers that every picture adds to: a value and 1, or the pixels of every class.

    Args:
        metric: with `per_picture`, such as `zoo.MeanOverPictures`; with `counts`, such as those of label maps.
    """

    def __init__(self, metric: Any) -> None:
        self.metric = metric
        self.name: str = metric.name
        self.eager: bool = getattr(metric, "eager", False)
        self.takes_source: bool = getattr(metric, "takes_source", False)
        self._counts = hasattr(metric, "counts")

    def sums(self, target: Any, translated: Any, mask: Any, source: Any = None) -> Any:
        """Return what each picture of a batch adds, (N, K), float32.

        Args:
            target: (N, H, W, C) in [-1, 1].
            translated: of the same shape.
            mask: (N, H, W, 1), 0 in holes, or None.
            source: the source pictures, for metrics that take them.
        """
        more = {"source": source} if self.takes_source else {}
        if self._counts:
            counts = ops.convert_to_tensor(self.metric.counts(target, translated, mask, **more))
            return ops.reshape(counts, (-1, counts.shape[1] * counts.shape[2]))
        values = ops.cast(self.metric.per_picture(target, translated, mask, **more), "float32")
        counted = (
            ops.ones_like(values)
            if mask is None
            else ops.cast(self.metric.counted(mask), "float32")
        )
        return ops.stack([values * counted, counted], axis=-1)

    def figure(self, totals: np.ndarray) -> np.ndarray:
        """Return the figure of totals (…, K), (…), float64; NaN where nothing was compared."""
        if self._counts:
            counts = totals.reshape(*totals.shape[:-1], 3, -1)
            figures = ops.convert_to_numpy(self.metric.figure(counts)).astype(np.float64)
            return np.where(counts[..., 1, :].sum(axis=-1) > 0, figures, np.nan)
        counted = totals[..., 1]
        mean: np.ndarray = np.where(counted > 0, totals[..., 0] / np.maximum(counted, 1e-9), np.nan)
        return mean


def is_additive(metric: Any) -> bool:
    """Return whether a metric gives a number for each picture."""
    return hasattr(metric, "per_picture")
