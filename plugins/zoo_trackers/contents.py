"""What there is to log of a run, as its directory has it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo import Run


def flat(values: Any, key: str = "") -> dict[str, Any]:
    """Return a recipe as single values by dotted keys, as overrides name them; what is empty is left out.

    Args:
        values: nested dicts and lists of plain values.
        key: of the values.
    """
    items: Any = ()
    if isinstance(values, Mapping):
        items = values.items()
    elif isinstance(values, list):
        items = enumerate(values)
    else:
        return {key: values}
    found: dict[str, Any] = {}
    for name, value in items:
        found |= flat(value, f"{key}.{name}" if key else str(name))
    return found


def whole_epochs(run: Run, steps_per_epoch: int) -> dict[int, dict[str, float]]:
    """Return the figures of a run's epochs, by the number of the epoch, from 1, named as in `history.csv`.

    An epoch that was stopped within is left out: its row will be replaced when training goes on.

    Args:
        run: the run.
        steps_per_epoch: steps of a whole epoch.
    """
    rows = run.history
    ended = run.metrics.get("status") == "completed"
    if rows and not ended and rows[-1]["step"] != rows[-1]["epoch"] * steps_per_epoch:
        rows = rows[:-1]
    return {
        int(row["epoch"]): {
            name: value for name, value in row.items() if name != "epoch" and not math.isnan(value)
        }
        for row in rows
    }


def sample_grids(run: Run) -> dict[int, Path]:
    """Return the sample grids of a run by their epoch; 0 is the untrained network."""
    paths = sorted((run.path / "samples").glob("epoch-*.png"))
    return {int(path.stem.removeprefix("epoch-")): path for path in paths}


def held_out(run: Run) -> dict[str, float]:
    """Return the figures on held-out pictures after training, as `held_out/NAME`.

    They are those of `evaluation/figures.json` where there is one, and of `metrics.json` beside it.
    """
    return {f"held_out/{name}": value for name, value in _held_out(run)}


def _held_out(run: Run) -> Iterator[tuple[str, float]]:
    measured = {
        name.removeprefix("val_") for row in run.history for name in row if name.startswith("val_")
    }
    for name, value in run.metrics.items():
        if name in measured:
            yield name, float(value)
    file = run.path / "evaluation" / "figures.json"
    if file.is_file():
        for name, figure in json.loads(file.read_text(encoding="utf-8"))["figures"].items():
            if figure["value"] is not None:
                yield name, float(figure["value"])
