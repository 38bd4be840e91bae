"""The report of a run: one HTML page that holds all it shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.report import facts
from zoo.report.curves import charts
from zoo.report.evaluation import BASELINES, brightness, examples, figures, heat_map
from zoo.report.frames import Frames
from zoo.report.notices import notices
from zoo.report.recipe_text import RecipeText, recipe_text
from zoo.report.rendering import render
from zoo.runs import files
from zoo.runs.history import read_history

SCRIPTS = ("frames.js", "examples.js", "report.js")


@dataclass
class Report:
    """The report of a run, that can be written again and again while it is trained: pictures are encoded once.

    The page holds its pictures, loads nothing, and is readable on a phone, in light and in dark. What the run does not
    have yet is left out or said to be missing.

    Args:
        directory: of the run.
    """

    directory: Path
    _frames: Frames = field(default_factory=Frames, repr=False)
    # With the times of the files that it was read from: to read it takes as long as all else.
    _recipe: tuple[object, RecipeText] | None = field(default=None, repr=False)

    def write(self) -> Path:
        """Write `report.html` into the directory, and return its path."""
        out = self.directory / files.REPORT
        files.write_text(out, self.page())
        return out

    def page(self, watched: str = "") -> str:
        """Return the page.

        Args:
            watched: of a page that is served and follows the run, the version of it that this is; empty for a file.
        """
        return render("report.html.j2", SCRIPTS, watched=watched, **self._contents())

    def _contents(self) -> dict[str, Any]:
        run = self.directory
        rows = read_history(run / files.HISTORY) if (run / files.HISTORY).is_file() else []
        metrics = facts.current(_json(run / files.METRICS), rows)
        recipe = self._recipe_text()
        measured = _json(run / files.FIGURES)
        table = list(figures(measured))
        shown = examples(measured, run / files.EVALUATION)
        frames = self._frames.contents(run / files.SAMPLES)
        skipped = run / files.SKIPPED
        by_brightness = brightness(measured)
        curves = charts(rows, recipe.data.get("optimizers") or ())
        status = str(metrics.get("status", "unfinished"))
        return {
            "name": run.resolve().name,
            "status": status,
            "status_text": facts.status_text(
                metrics, rows, (recipe.data.get("training") or {}).get("epochs")
            ),
            "headlines": list(facts.headlines(metrics, rows, table)),
            "notices": notices(run / files.WARNINGS),
            "dataset": metrics.get("dataset"),
            "counts": facts.counts(metrics),
            "skipped": skipped.read_text(encoding="utf-8").splitlines()
            if skipped.is_file()
            else [],
            "figures": table,
            "baselines": list(dict.fromkeys(name for item in table for name in item.baselines)),
            "baseline_names": BASELINES,
            "measured": measured,
            "examples": shown,
            "heat_map": heat_map(measured),
            "brightness": by_brightness,
            "frames": frames,
            "curves": curves,
            "recipe": recipe,
            "environment": list(facts.flat(_json(run / files.ENVIRONMENT))),
            "data": {
                "epochs": [int(row["epoch"]) for row in rows],
                "curves": curves,
                "frames": frames,
                "examples": shown,
                "brightness": by_brightness,
            },
            **facts.use(run, status),
        }

    def _recipe_text(self) -> RecipeText:
        read = (self.directory / files.RECIPE, self.directory / files.PARENT)
        times = [path.stat().st_mtime_ns if path.is_file() else None for path in read]
        if self._recipe is None or self._recipe[0] != times:
            self._recipe = times, recipe_text(self.directory)
        return self._recipe[1]


def write_report(run_directory: Path) -> Path:
    """Write `report.html` into a run directory, from the files there alone, and return its path."""
    return Report(Path(run_directory)).write()


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
