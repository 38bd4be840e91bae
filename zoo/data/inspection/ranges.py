"""The range of values to propose: one that loses nothing, where there is one that a network can learn in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoo.data.inspection.statistics import PERCENTILES, Channel, Statistics

# Bits that cameras and scanners fill in files of 16.
BITS = (8, 10, 12, 14, 16)
# The share of a range that 99 % of a channel's values fill at least. Below it nearly all of a picture would look alike
# to a network, as when a few bright spots are a hundred times as bright as the rest.
FILLED = 1 / 8
# Steps between -1 and 1 that float32 tells apart and that come back from it.
MOST_STEPS = 2**23


@dataclass(frozen=True)
class Proposed:
    """A range of values.

    Args:
        settings: `range` or `percentiles`, as a recipe says it.
        reason: why, in a few words.
        loss: what will be lost, in a sentence; empty if nothing is.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    loss: str = ""


def range_of(dtype: str, statistics: Sequence[Statistics], *, all_seen: bool) -> Proposed:
    """Propose which values become -1 and 1.

    Args:
        dtype: NumPy's name of the type of the values in files.
        statistics: of the pictures that were decoded.
        all_seen: whether these are all that there are.
    """
    channels = [channel for item in statistics for channel in item.channels]
    channels = [channel for channel in channels if np.isfinite([channel.least, channel.most]).all()]
    whole = np.dtype(dtype).kind in "iu"
    if not channels:
        bounds = [0, int(np.iinfo(dtype).max)] if whole else [0.0, 1.0]
        return Proposed({"range": bounds}, "nothing decoded")
    least = min(channel.least for channel in channels)
    most = max(channel.most for channel in channels)
    seen = f"values from {number(least)} to {number(most)}"
    if usual := _usual(channels, least, most, whole=whole):
        return Proposed({"range": usual[0]}, f"{seen}{usual[1]}")
    if least == most:
        most = least + 1
    bounds = [int(least), int(most)] if whole else _rounded(least, most)
    filled = min(channel.high - channel.low for channel in channels) / (most - least)
    # Percentiles of a channel that one value fills would coincide.
    if 0 < filled < FILLED:
        return Proposed(
            {"percentiles": list(PERCENTILES)},
            seen,
            f"values beyond the percentiles, up to 1 % of a channel, are clipped; range: {_plain(bounds)} would keep "
            "them, but leaves most of the others close together",
        )
    return Proposed({"range": bounds}, seen, _loss(bounds, whole=whole, all_seen=all_seen))


def _rounded(least: float, most: float) -> list[float]:
    """Return bounds of a few digits with both values in them."""
    digits = 2 - math.floor(math.log10(most - least))
    return [
        round(math.floor(least * 10.0**digits) / 10.0**digits, max(digits, 0)),
        round(math.ceil(most * 10.0**digits) / 10.0**digits, max(digits, 0)),
    ]


def number(value: float) -> str:
    """Write a value of a picture for people."""
    return f"{value:,.0f}" if value == round(value) else f"{value:.4g}"


def _usual(
    channels: Sequence[Channel], least: float, most: float, *, whole: bool
) -> tuple[list[Any], str] | None:
    """Return a range that pictures of this type mostly have, and what it is, if these values fill half of it."""
    high = max(channel.high for channel in channels)
    if whole and least >= 0:
        bits = next((bits for bits in BITS if most < 2**bits), None)
        # As of a 12-bit camera.
        if bits and high >= 2 ** (bits - 1):
            return [0, 2**bits - 1], f": {bits} bits in use"
    if not whole:
        for bounds in ([0.0, 1.0], [-1.0, 1.0]):
            if bounds[0] <= least and most <= bounds[1] and high > bounds[1] / 2:
                return bounds, ""
    return None


def _loss(bounds: Sequence[float], *, whole: bool, all_seen: bool) -> str:
    losses = []
    if not all_seen:
        losses.append(
            f"the range {_plain(bounds)} is that of the pictures that were decoded; values beyond it in others are "
            "clipped (--sample 0 decodes all)"
        )
    if whole and bounds[1] - bounds[0] > MOST_STEPS:
        losses.append(
            f"a range of {bounds[1] - bounds[0]:,.0f} values is more than float32 tells apart: the last digits are lost"
        )
    return "; ".join(losses)


def _plain(bounds: Sequence[float]) -> str:
    return f"[{', '.join(f'{bound:g}' if isinstance(bound, float) else str(bound) for bound in bounds)}]"
