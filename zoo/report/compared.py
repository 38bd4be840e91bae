"""A run among others: what it has to be compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Any

from zoo.report import facts
from zoo.report.evaluation import Figure, figures, with_unit
from zoo.report.paired import PerPicture, read_pictures
from zoo.runs import files
from zoo.runs.figure_names import UNITS, label_of
from zoo.runs.history import read_history
from zoo.runs.run import Run

PER_PICTURE = "evaluation/pictures.csv"


@dataclass(frozen=True)
class Compared:
    """What is compared of a run.

    Args:
        run: the run.
        name: that tells it from the others.
        letter: a short one, by its place.
    """

    run: Run
    name: str
    letter: str

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """Of its history."""
        file = self.run.path / files.HISTORY
        return read_history(file) if file.is_file() else []

    @cached_property
    def measured(self) -> dict[str, Any]:
        """What its evaluation says; empty if there is none."""
        file = self.run.path / files.FIGURES
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """By metric: those of its evaluation, or else those of the end of its training."""
        if self.measured:
            return {item.name: item for item in figures(self.measured)}
        metrics, pictures = self.run.metrics, self.run.metrics.get("test_examples") or 0
        return {
            name: Figure(
                name,
                label_of(name),
                with_unit(value, UNITS.get(name, "")),
                "",
                {},
                "",
                pictures,
                "",
            )
            for name, value in metrics.items()
            if name not in facts.BOOKKEEPING
            and isinstance(value, int | float)
            and not isinstance(value, bool)
        }

    @cached_property
    def per_picture(self) -> PerPicture:
        """Figures by metric and picture."""
        return read_pictures(self.run.path / PER_PICTURE)

    @property
    def about(self) -> str:
        """How long it was trained, in a few words."""
        status = facts.STATUS.get(str(self.run.metrics.get("status", "unfinished")), "")
        epochs = self.rows[-1]["epoch"] if self.rows else None
        return f"{status}, {epochs} epochs" if epochs else status


def named(runs: Sequence[Run]) -> list[Compared]:
    """Return runs with names and letters that tell them apart."""
    names = [run.path.resolve().name for run in runs]
    return [
        Compared(
            run,
            name if names.count(name) == 1 else f"{run.path.resolve().parent.name}/{name}",
            ascii_uppercase[index] if index < len(ascii_uppercase) else str(index + 1),
        )
        for index, (run, name) in enumerate(zip(runs, names, strict=True))
    ]
