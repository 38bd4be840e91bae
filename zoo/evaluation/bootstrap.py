"""Confidence intervals of figures, by drawing the pictures anew."""

from __future__ import annotations

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 0


def resampled_totals(sums: np.ndarray) -> np.ndarray:
    """Return totals over as many pictures, drawn from them with replacement, many times.

    The draws are the same for equal numbers of pictures, so that figures of two models can be compared.

    Source: Efron 1979, https://doi.org/10.1214/aos/1176344552.

    Args:
        sums: what each picture adds to a total, (N, K).

    Returns:
        (1000, K), float64.
    """
    random = np.random.default_rng(SEED)
    count = len(sums)
    totals = np.empty((RESAMPLES, sums.shape[1]))
    for number in range(RESAMPLES):
        drawn = np.bincount(random.integers(count, size=count), minlength=count)
        totals[number] = drawn @ sums
    return totals


def percentile_interval(figures: np.ndarray) -> tuple[float, float] | None:
    """Return between which figures the middle 95 % of the drawn ones lie; None if there is none.

    Args:
        figures: of the drawn pictures, (1000,); NaN where a draw has no figure.
    """
    known = figures[np.isfinite(figures)]
    if not len(known):
        return None
    rest = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(known, [rest, 100 - rest])
    return float(low), float(high)
