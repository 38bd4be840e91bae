"""From what a pass has added up to figures with intervals, baselines and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.evaluation.additive import Additive, is_additive
from zoo.evaluation.bootstrap import CONFIDENCE, percentile_interval, resampled_totals
from zoo.evaluation.evaluation import Figure
from zoo.evaluation.measure import Measured

BETTER = {"up": "higher", "down": "lower"}
# Names that are initials, and stand in capitals.
LONGEST_INITIALS = 5


def figures_of(measured: Measured, metrics: Sequence[Any]) -> dict[str, Figure]:
    """Return the figures by name, in the order of the metrics.

    Args:
        measured: by the same metrics.
        metrics: Keras metrics.
    """
    additive = {metric.name: Additive(metric) for metric in metrics if is_additive(metric)}
    drawn = _drawn_figures(measured, additive)
    count = len(measured.names)
    figures = {}
    for metric in metrics:
        name = metric.name
        if name not in additive:
            figures[name] = _figure(metric, measured.whole[name], count)
            continue
        known = additive[name]
        sums = measured.sums[name]
        values = known.figure(sums)
        compared = int(np.isfinite(values).sum())
        figures[name] = _figure(
            metric,
            float(known.figure(sums.sum(axis=0))),
            compared,
            drawn.get(name) if compared > 1 else None,
            {
                baseline: float(known.figure(part.sum(axis=0)))
                for baseline, part in measured.baselines.get(name, {}).items()
            },
        )
    return figures


def picture_values(measured: Measured, metrics: Sequence[Any]) -> dict[str, list[float]]:
    """Return by metric the number of each picture; NaN where nothing of it could be compared."""
    return {
        metric.name: Additive(metric).figure(measured.sums[metric.name]).tolist()
        for metric in metrics
        if is_additive(metric)
    }


def primary_of(figures: Mapping[str, Figure], values: Mapping[str, Any], wanted: str) -> str | None:
    """Return the figure that pictures are ranked by: the wanted one, or PSNR, or the first that pictures have.

    Args:
        figures: all.
        values: those that single pictures have.
        wanted: name of a figure.
    """
    ranked = [name for name in (wanted, "psnr", *values) if name in values]
    return next((name for name in ranked if figures[name].better), None)


def _drawn_figures(
    measured: Measured, additive: Mapping[str, Additive]
) -> dict[str, tuple[float, float] | None]:
    """Return the intervals by metric, all of the same draws of pictures."""
    if not measured.sums or len(measured.names) < 2:
        return {}
    totals = resampled_totals(np.concatenate([measured.sums[name] for name in additive], axis=1))
    ends = np.cumsum([measured.sums[name].shape[1] for name in additive])
    return {
        name: percentile_interval(additive[name].figure(part))
        for name, part in zip(additive, np.split(totals, ends[:-1], axis=1), strict=True)
    }


def _figure(
    metric: Any,
    value: float,
    pictures: int,
    interval: tuple[float, float] | None = None,
    baselines: Mapping[str, float] | None = None,
) -> Figure:
    low, high = interval or (None, None)
    note = getattr(metric, "note", None)
    return Figure(
        label=label_of(metric),
        value=value,
        low=low,
        high=high,
        confidence=None if interval is None else CONFIDENCE,
        unit=getattr(metric, "unit", ""),
        better=BETTER.get(getattr(metric, "_direction", "")),
        pictures=pictures,
        note=note(pictures) if callable(note) else None,
        baselines=dict(baselines or {}),
    )


def label_of(metric: Any) -> str:
    """Return what a metric is called in tables."""
    name: str = metric.name
    initials = name.upper() if len(name) <= LONGEST_INITIALS else name.replace("_", " ")
    return getattr(metric, "label", "") or initials
