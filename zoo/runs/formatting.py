"""Durations and numbers as people read them."""

from __future__ import annotations

import math


def duration(seconds: float) -> str:
    """Return a length of time in words: `42 s`, `5 min 12 s`, `2 h 05 min`."""
    if not math.isfinite(seconds):
        return "unknown"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def number(value: float) -> str:
    """Return a number with four digits that count; whole numbers in full, grouped by thousands."""
    if isinstance(value, int) or (
        math.isfinite(value) and value == int(value) and abs(value) < 1e9
    ):
        return f"{int(value):,}"
    if not math.isfinite(value):
        return str(value)
    if 1e-3 <= abs(value) < 1e6:
        digits = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}"
    return f"{value:.3e}"
