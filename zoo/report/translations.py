"""The same pictures, translated by several runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.spread import spread
from zoo.errors import ZooError
from zoo.pictures import PictureFormat
from zoo.report.data_uri import as_jpeg
from zoo.runs import files
from zoo.runs.run import Run

Translate = Callable[[np.ndarray], str]


def side_by_side(runs: Sequence[Run], count: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Translate held-out pictures that the first run keeps by every run that takes such sources.

    Args:
        runs: of which the first keeps the pictures.
        count: how many at most, spread evenly over those that it keeps.

    Returns:
        For each picture `name`, `source`, `target` or None if the first run was not trained on pairs, and
        `translated`, one for each run or None, all data URIs; and a sentence for each run that is left out or sees the
        pictures at another scale.
    """
    first = runs[0]
    sources = spread(first.examples("held_out", "source"), count)
    if not sources:
        return [], []
    translators: list[Translate | None] = []
    notes = []
    for run in runs:
        try:
            translators.append(_translator(run, first))
        except ZooError as error:
            translators.append(None)
            notes.append(f"{run.path.name} translates nothing here: {error}")
            continue
        if run.size != first.size:
            height, width = run.size
            notes.append(
                f"{run.path.name} was trained on pictures of {height} x {width} pixels and sees those of "
                f"{first.path.name} at their own size"
            )
    if not any(translators):
        return [], notes
    targets = first.examples("held_out", "target") if is_paired(first) else []
    by_number = {_number(path): path for path in targets}
    form = first.formats.source
    shown = []
    for path in sources:
        stored = form.read(path)
        target = by_number.get(_number(path))
        shown.append(
            {
                "name": f"picture {int(_number(path))}",
                "source": _looked_at(form, stored),
                "target": target
                and _looked_at(first.formats.target, first.formats.target.read(target)),
                "translated": [one and one(stored) for one in translators],
            }
        )
    return shown, notes


def is_paired(run: Run) -> bool:
    """Return whether the held-out pictures that a run keeps are pairs; older runs tell by their figures."""
    file = run.path / files.PICTURES
    about = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return bool(about.get("paired", not {"l1", "psnr", "ssim"}.isdisjoint(run.metrics)))


def _translator(run: Run, first: Run) -> Translate:
    """Return what translates the stored values of the first run's sources, and shows what comes out."""
    ours, theirs = run.formats.source, first.formats.source
    if (ours.depth, ours.dtype, ours.classes) != (theirs.depth, theirs.dtype, theirs.classes):
        raise ZooError(f"its sources are of another kind than those of {first.path.name}")
    translator = run.translator()

    def translate(stored: np.ndarray) -> str:
        (translated,) = translator.translate_arrays([(stored, True)])
        form = translator.formats.target
        return _looked_at(form, form.as_stored(translated))

    return translate


def _looked_at(form: PictureFormat, stored: np.ndarray) -> str:
    return as_jpeg(form.for_people(form.to_network(stored)))


def _number(path: Path) -> str:
    return path.stem.rpartition("-")[2]
