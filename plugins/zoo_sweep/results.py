"""What a sweep has found: a row for each trial, best first, as a table and as `sweep.csv`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

import zoo
from zoo_sweep.study import texts
from zoo_sweep.sweep import Sweep

TABLE = "sweep.csv"
PAGE = "compare.html"
# Trials on the page, the best ones: more cannot be told apart by their colours.
MOST_COMPARED = 8
MOST_SHOWN = 30
# As the table calls Optuna's states.
STATES = {
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "ended early",
    TrialState.RUNNING: "unfinished",
    TrialState.WAITING: "waiting",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True)
class Row:
    """One trial.

    Args:
        number: of the trial, from 0.
        state: in words.
        figure: the best of the watched figure; NaN if it was not measured.
        epoch: in which that was, from 1; 0 if it was not measured.
        epochs: measured, whole ones.
        seconds: of training; NaN if unknown.
        values: of the swept keys, by key.
        run: the run directory's name; empty if there is none.
        error: why it failed, if it did.
    """

    number: int
    state: str
    figure: float
    epoch: int
    epochs: int
    seconds: float
    values: Mapping[str, str]
    run: str
    error: str


def best_epoch(figures: Mapping[int, float], mode: str) -> int:
    """Return the epoch with the best figure, the first of several; a NaN is no best one."""
    sign = 1 if mode == "max" else -1
    return max(
        figures,
        key=lambda epoch: -math.inf if math.isnan(figures[epoch]) else sign * figures[epoch],
    )


def rows(sweep: Sweep, study: optuna.Study) -> list[Row]:
    """Return the trials of a sweep, best first; those without a figure come last, by number."""
    sign = -1 if sweep.mode == "max" else 1
    found = [_row(sweep, trial) for trial in study.get_trials(deepcopy=False)]
    return sorted(
        found,
        key=lambda row: (
            math.isnan(row.figure),
            0 if math.isnan(row.figure) else sign * row.figure,
            row.number,
        ),
    )


def _row(sweep: Sweep, trial: FrozenTrial) -> Row:
    figures = trial.intermediate_values
    epoch = best_epoch(figures, sweep.mode) if figures else 0
    chosen = texts(trial.params or trial.system_attrs.get("fixed_params", {}))
    run = str(trial.user_attrs.get("run", ""))
    history = zoo.Run(sweep.path / run).history if run else []
    return Row(
        number=trial.number,
        state=STATES[trial.state],
        figure=figures.get(epoch, math.nan),
        epoch=epoch,
        epochs=max(figures, default=0),
        seconds=history[-1]["seconds"] if history else math.nan,
        values={values.key: chosen.get(values.key, "") for values in sweep.swept},
        run=run,
        error=str(trial.user_attrs.get("error", "")),
    )


def write_table(sweep: Sweep, found: Sequence[Row]) -> Path:
    """Write `sweep.csv`, whole, and return its path."""
    keys = [values.key for values in sweep.swept]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["trial", "state", sweep.monitor, "epoch", "epochs", "seconds", *keys, "run", "error"]
    )
    for row in found:
        measured = [repr(row.figure), row.epoch] if row.epoch else ["", ""]
        seconds = "" if math.isnan(row.seconds) else f"{row.seconds:.3f}"
        values = [row.values[key] for key in keys]
        writer.writerow(
            [row.number, row.state, *measured, row.epochs, seconds, *values, row.run, row.error]
        )
    partial = sweep.path / f".{TABLE}.partial"
    partial.write_text(text.getvalue(), encoding="utf-8")
    partial.replace(sweep.path / TABLE)
    return sweep.path / TABLE


def table(sweep: Sweep, found: Sequence[Row]) -> list[str]:
    """Return the lines of a table for a terminal, best first."""
    # The last part of a key says enough where no other key ends alike.
    last = [values.key.rpartition(".")[2] for values in sweep.swept]
    names = [
        short if last.count(short) == 1 else values.key
        for short, values in zip(last, sweep.swept, strict=True)
    ]
    cells = [["trial", sweep.monitor, "epoch", "state", *names, "run"]]
    for row in found[:MOST_SHOWN]:
        cells.append(
            [
                str(row.number),
                shown(row.figure) if row.epoch else "–",
                f"{row.epoch} of {row.epochs}" if row.epoch else "–",
                row.state,
                *row.values.values(),
                row.run or "–",
            ]
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    if len(found) > MOST_SHOWN:
        lines.append(f"… and {len(found) - MOST_SHOWN} more")
    return lines


def shown(figure: float) -> str:
    """Return a figure with five digits that count."""
    return f"{figure:.5g}"


def write_page(sweep: Sweep, found: Sequence[Row]) -> Path | None:
    """Write `compare.html` of the best trials, and return its path; None if fewer than two were measured."""
    measured = [row for row in found if row.run and row.epoch]
    runs = [zoo.Run(sweep.path / row.run) for row in measured[:MOST_COMPARED]]
    if len(runs) < 2:
        return None
    page = sweep.path / PAGE
    # The pictures of the evaluations are there already; the command itself loads no network.
    zoo.write_comparison(runs, page, pictures=0)
    return page
