"""Whether a held-out figure has been getting worse for long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Least epochs, and least share of all epochs, since the best one.
EPOCHS, SHARE = 5, 0.25
# How many times the noise the figures lie below the best one, and how many times they go on falling.
NOISES, FALL = 3.0, 2.0
# Of how many figures a noise is told.
LEAST = 4


@dataclass(frozen=True)
class Worsening:
    """What was seen.

    Args:
        best: the epoch of the best figure, from 1.
        figure: what it was.
        ago: epochs since then.
    """

    best: int
    figure: float
    ago: int


def worsening(
    figures: Sequence[tuple[int, float]], epochs: int, *, higher_is_better: bool
) -> Worsening | None:
    """Return what was seen if a figure has been getting worse for long; None if not, or if that cannot be told yet.

    The best one lies at least 5 epochs and a quarter of all epochs back, all of so many last epochs are worse than it
    by more than three times the noise, and over them the figure goes on falling by more than twice the noise. That is
    estimated from second differences, so that a trend is none.

    Args:
        figures: epoch, from 1, and figure, a finite number, in order.
        epochs: of the whole training.
        higher_is_better: of the figure.
    """
    sign = 1 if higher_is_better else -1
    known = [(epoch, sign * figure) for epoch, figure in figures]
    if len(known) < LEAST:
        return None
    best, top = max(known, key=lambda item: item[1])
    now = known[-1][0]
    patience = max(EPOCHS, math.ceil(SHARE * epochs))
    if now - best < patience:
        return None
    noise = _noise([figure for _, figure in known])
    epochs_now = [epoch for epoch, _ in known if epoch > now - patience]
    last = [figure for epoch, figure in known if epoch > now - patience]
    if len(last) < 2 or max(last) >= top - NOISES * noise:
        return None
    if np.polyfit(epochs_now, last, 1)[0] * patience >= -FALL * noise:
        return None  # it lies lower than an early peak, but does not get worse
    return Worsening(best, sign * top, now - best)


def _noise(figures: Sequence[float]) -> float:
    """Return the standard deviation of what figures waver by, robust to jumps."""
    # The median of absolute values is 0.6745 standard deviations; a second difference is 1, -2 and 1 of them.
    return float(np.median(np.abs(np.diff(figures, 2))) / 0.6745 / math.sqrt(6))
