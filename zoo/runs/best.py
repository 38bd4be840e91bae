"""The best epoch of a run, by a figure of its history."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

Mode = Literal["max", "min"]


def figures_by_epoch(rows: Iterable[Mapping[str, str]], monitor: str) -> dict[int, float]:
    """Return a figure by epoch, counted from 1, of the epochs that have it.

    Args:
        rows: of the history, as `zoo.runs.history.read_history` returns them.
        monitor: name of the column.
    """
    found = {int(row["epoch"]): float(row[monitor]) for row in rows if row.get(monitor)}
    return {epoch: figure for epoch, figure in found.items() if not math.isnan(figure)}


def best_epoch(figures: Mapping[int, float], mode: Mode) -> int | None:
    """Return the first epoch whose figure no other surpasses; None without figures.

    Args:
        figures: by epoch.
        mode: `max` if higher is better, `min` if lower is.
    """
    sign = 1 if mode == "max" else -1
    return max(sorted(figures), key=lambda epoch: sign * figures[epoch], default=None)
