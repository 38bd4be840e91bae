"""The best, the middling and the worst pictures of an evaluation, as files to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.loader import Loader
from zoo.data.spread import spread
from zoo.evaluation.data import Chosen, EvaluationData
from zoo.evaluation.evaluation import EXAMPLES
from zoo.evaluation.measure import Paint, painted
from zoo.pictures import write_picture

EACH = 3
RANKS = ("best", "median", "worst")
# The mean absolute difference over channels, on [-1, 1], that is drawn white.
WHITE = 0.5


def choose(values: Sequence[float] | None, better: str | None, count: int) -> list[tuple[int, str]]:
    """Return the index and the rank of some pictures, three of each where there are enough.

    Args:
        values: the primary figure of each picture, NaN where it has none; None where there is no such figure.
        better: "higher" or "lower".
        count: of pictures.

    Returns:
        Ranked as "best", "median" and "worst", in that order; or, without values, all "other", spread evenly.
    """
    known = (
        [] if values is None else [index for index in range(count) if np.isfinite(values[index])]
    )
    if values is None or not known:
        return [(index, "other") for index in spread(range(count), len(RANKS) * EACH)]
    sign = -1 if better == "higher" else 1
    ranked = sorted(known, key=lambda index: (sign * values[index], index))
    each = min(EACH, max(1, len(ranked) // len(RANKS)))
    middle = (len(ranked) - each) // 2
    starts = dict(zip(RANKS, (0, middle, len(ranked) - each), strict=True))
    chosen: dict[int, str] = {}
    # Of one or two pictures the best and the worst are the same as those in the middle.
    for rank in ("best", "worst", "median"):
        for index in ranked[starts[rank] : starts[rank] + each]:
            chosen.setdefault(index, rank)
    return sorted(chosen.items(), key=lambda item: (RANKS.index(item[1]), ranked.index(item[0])))


def write_examples(
    folder: Path,
    chosen: Sequence[tuple[int, str]],
    paint: Paint,
    data: EvaluationData,
    names: Sequence[str],
    values: Mapping[str, Sequence[float]],
    batch_size: int,
) -> list[dict[str, Any]]:
    """Translate the chosen pictures once more and write them as 8-bit PNG files.

    Args:
        folder: of the evaluation.
        chosen: what `choose` returned.
        paint: as `measure` takes it.
        data: the pictures.
        names: of all pictures.
        values: by metric, the number of each picture.
        batch_size: as `measure` takes it.

    Returns:
        The entries of `figures.json`; without target and difference where pictures are no pairs.
    """
    if not chosen:
        return []
    batch_size = min(batch_size, len(data.examples))
    loader = Loader(
        Chosen(data.examples, [index for index, _ in chosen]),
        min(batch_size, len(chosen)),
        workers=0,
    )
    entries: list[dict[str, Any]] = []
    for number in range(len(loader)):
        batch = loader[number]
        translated = painted(paint, batch["source"], batch_size)
        for row in range(len(translated)):
            index, rank = chosen[len(entries)]
            pictures = {
                "source": data.formats.source.for_people(batch["source"][row]),
                "translated": data.formats.target.for_people(translated[row]),
            }
            if data.paired:
                target, mask = batch["target"][row], batch.get("target_mask")
                pictures["target"] = data.formats.target.for_people(target)
                pictures["difference"] = _difference(
                    target, translated[row], None if mask is None else mask[row]
                )
            files: dict[str, str] = {
                side: f"{EXAMPLES}/{len(entries) + 1:04d}-{side}.png"
                for side in ("source", "target", "translated", "difference")
                if side in pictures
            }
            for side, file in files.items():
                write_picture(folder / file, pictures[side])
            figures: dict[str, float] = {
                name: float(numbers[index])
                for name, numbers in values.items()
                if np.isfinite(numbers[index])
            }
            entries.append({"name": names[index], "rank": rank, "figures": figures, **files})
    return entries


def _difference(target: np.ndarray, translated: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return how far two pictures are apart, uint8 (H, W, 3): black where they are equal or the target has a hole."""
    apart = np.abs(target - translated).mean(axis=-1, keepdims=True)
    if mask is not None:
        apart = np.where(mask > 0, apart, 0)
    shown = np.rint(255 * np.clip(apart / WHITE, 0, 1)).astype(np.uint8)
    return np.repeat(shown, 3, axis=-1)
