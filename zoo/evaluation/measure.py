"""One pass over pictures: what each adds to every figure, and where the errors are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops

from zoo.backend import compiled
from zoo.data.dataset import Examples
from zoo.data.loader import Loader
from zoo.data.naming import name_of
from zoo.data.spread import spread
from zoo.evaluation.additive import Additive, is_additive
from zoo.evaluation.data import EvaluationData
from zoo.evaluation.error_maps import ErrorMaps

Paint = Callable[[np.ndarray], Any]
# Of so many pictures a mean is known well enough; baselines of more would take as long as the model itself.
MOST_FOR_BASELINES = 500
# Of so many training targets the mean colour is.
MOST_FOR_COLOUR = 64


@dataclass
class Measured:
    """What a pass has found.

    Args:
        names: of the pictures.
        sums: by metric, what each picture adds, (N, K).
        baselines: by metric and baseline, the same of what no network painted.
        whole: by name, the figures of metrics that give no number for a picture.
        errors: by position and brightness; None where pictures are not pairs.
    """

    names: list[str]
    sums: dict[str, np.ndarray] = field(default_factory=dict)
    baselines: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)
    errors: ErrorMaps | None = None


def measure(
    paint: Paint,
    data: EvaluationData,
    metrics: Sequence[Any],
    *,
    batch_size: int = 1,
    workers: int = 2,
) -> Measured:
    """Translate pictures and compute metrics; only one batch of pictures is in memory at a time.

    Args:
        paint: source pictures (N, H, W, C), float32 in [-1, 1], to translated ones.
        data: the pictures; where they are no pairs, only metrics that need none are to be given.
        metrics: Keras metrics of (target, translated).
        batch_size: pictures in one call; fewer at the end are made up to it, so that nothing is compiled twice.
        workers: threads that prepare pictures.
    """
    batch_size = min(batch_size, len(data.examples))
    loader = Loader(data.examples, batch_size, workers=workers)
    additive = [Additive(metric) for metric in metrics if is_additive(metric)]
    whole = [metric for metric in metrics if not is_additive(metric)]
    for metric in whole:
        metric.reset_state()
    count = len(data.examples)
    measured = Measured([name_of(data.examples, index) for index in range(count)])
    if data.paired:
        measured.errors = ErrorMaps(data.examples.example(0, None)["target"].shape[:2])
    sums = _Sums(additive)
    colour = mean_colour(data.training or data.examples) if data.paired and additive else None
    for_baselines = set(spread(range(count), MOST_FOR_BASELINES))
    collected: list[dict[str, np.ndarray]] = []
    baselines: list[dict[str, dict[str, np.ndarray]]] = []
    for number in range(len(loader)):
        batch = loader[number]
        first = number * batch_size
        translated = painted(paint, batch["source"], batch_size)
        target, mask = batch["target"], batch.get("target_mask")
        if mask is not None:
            translated = np.where(mask > 0, translated, target)
        for metric in whole:
            metric.update_state(target, translated, sample_weight=mask)
        if measured.errors is not None:
            measured.errors.add(target, translated, mask)
        collected.append(sums(batch, translated, batch_size))
        rows = [row for row in range(len(target)) if first + row in for_baselines]
        if rows and colour is not None:
            some = {name: part[rows] for name, part in batch.items()}
            baselines.append(_of_baselines(sums, some, colour, data, batch_size))
    measured.whole = {metric.name: float(metric.result()) for metric in whole}
    measured.sums = _together(collected)
    measured.baselines = {
        metric.name: _together([found[metric.name] for found in baselines])
        for metric in additive
        if baselines
    }
    return measured


def painted(paint: Paint, sources: np.ndarray, batch_size: int) -> np.ndarray:
    """Return translated pictures, float32, of at most `batch_size` sources that are made up to that number."""
    answer = np.asarray(paint(_filled(sources, batch_size)), np.float32)
    return answer[: len(sources)]


def mean_colour(examples: Examples) -> np.ndarray:
    """Return the mean of each channel over the targets of some examples, spread evenly, (C,), without holes."""
    total, pixels = 0.0, 0.0
    for index in spread(range(len(examples)), MOST_FOR_COLOUR):
        example = examples.example(index, None)
        target = example["target"].astype(np.float64)
        mask = example.get("target_mask", np.ones((*target.shape[:2], 1)))
        total = total + (target * mask).sum(axis=(0, 1))
        pixels += float(mask.sum())
    return np.asarray(total / max(pixels, 1.0), np.float32)


class _Sums:
    """Computes what pictures add to metrics, those that may be compiled in one function.

    Args:
        metrics: all.
    """

    def __init__(self, metrics: Sequence[Additive]) -> None:
        self.metrics = metrics
        self._eager = [metric for metric in metrics if metric.eager]
        self._others = [metric for metric in metrics if not metric.eager]
        self._compiled = compiled(self._of_others)

    def _of_others(self, target: Any, translated: Any, mask: Any, source: Any) -> list[Any]:
        return [metric.sums(target, translated, mask, source) for metric in self._others]

    def __call__(
        self,
        batch: Mapping[str, np.ndarray],
        translated: np.ndarray,
        batch_size: int,
        names: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """Return by metric what each picture adds, (N, K).

        Args:
            batch: with source, target and perhaps the mask of (n, …).
            translated: pictures to compare, (n, H, W, C).
            batch_size: that the pictures are made up to.
            names: the metrics that are to be known; None are all.
        """
        count = len(translated)
        parts = (batch["target"], translated, batch.get("target_mask"), batch["source"])
        wanted = [metric.name for metric in self.metrics] if names is None else names
        found: list[tuple[Additive, Any]] = [
            (metric, metric.sums(*parts)) for metric in self._eager if metric.name in wanted
        ]
        if any(metric.name in wanted for metric in self._others):
            filled = (None if part is None else _filled(part, batch_size) for part in parts)
            found += zip(self._others, self._compiled(*filled), strict=True)
        return {
            metric.name: ops.convert_to_numpy(sums)[:count].astype(np.float64)
            for metric, sums in found
            if metric.name in wanted
        }


def _of_baselines(
    sums: _Sums,
    batch: Mapping[str, np.ndarray],
    colour: np.ndarray,
    data: EvaluationData,
    batch_size: int,
) -> dict[str, dict[str, np.ndarray]]:
    """Return by metric and baseline what each picture adds."""
    # What recognises labels is not told by a likeness to targets, but by what it finds in them.
    judging = [metric.name for metric in sums.metrics if metric.takes_source]
    comparing = [metric.name for metric in sums.metrics if not metric.takes_source]
    found: dict[str, dict[str, np.ndarray]] = {metric.name: {} for metric in sums.metrics}
    for baseline, pictures, names in _baselines(batch, colour, data, judging, comparing):
        if names:
            for name, values in sums(batch, pictures, batch_size, names).items():
                found[name][baseline] = values
    return found


def _baselines(
    batch: Mapping[str, np.ndarray],
    colour: np.ndarray,
    data: EvaluationData,
    judging: list[str],
    comparing: list[str],
) -> Iterator[tuple[str, np.ndarray, list[str]]]:
    """Yield each baseline, what it paints, and the metrics that it is for."""
    target, mask = batch["target"], batch.get("target_mask")

    def with_holes(pictures: np.ndarray) -> np.ndarray:
        return pictures if mask is None else np.where(mask > 0, pictures, target)

    yield "mean_colour", with_holes(np.broadcast_to(colour, target.shape)), comparing
    both = data.formats.source, data.formats.target
    if both[0].depth == both[1].depth and bool(both[0].classes) == bool(both[1].classes):
        yield "source", with_holes(batch["source"]), comparing
    yield "target", target, judging


def _filled(pictures: np.ndarray, count: int) -> np.ndarray:
    """Return pictures and the last one again, until there are so many."""
    missing = count - len(pictures)
    if missing <= 0:
        return np.ascontiguousarray(pictures)
    return np.concatenate([pictures, np.repeat(pictures[-1:], missing, axis=0)])


def _together(found: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return (
        {name: np.concatenate([part[name] for part in found]) for name in found[0]} if found else {}
    )
