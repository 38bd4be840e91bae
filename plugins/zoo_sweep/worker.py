"""Trains one trial of a sweep, in a process and with a backend of its own.

It is started as `python -m zoo_sweep.worker SWEEP [PLUGIN]...`. Exit codes: 0 after a trial, `NOTHING_LEFT` if there
was none to take, `STOPPED` if it was stopped within one, `MISTAKE` for what ends the whole sweep.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import optuna
from optuna.trial import TrialState

import zoo
from zoo import Host, Run, ZooError
from zoo_sweep.report import Report, WrongFigureError
from zoo_sweep.results import best_epoch, shown
from zoo_sweep.study import Taken, forget_starts, open_study, take
from zoo_sweep.sweep import Sweep, read_sweep

NOTHING_LEFT, STOPPED, MISTAKE = 3, 4, 2


def main(path: Path, *given: str) -> int:
    """Take a trial, train it and tell the study how it went; return the exit code."""
    sweep = read_sweep(path)
    host = zoo.load_host(*given)
    study = open_study(sweep)
    taken = take(sweep, study)
    if taken is None:
        return NOTHING_LEFT
    print(_announced(sweep, taken), flush=True)
    report = Report(taken, sweep.monitor)
    try:
        run = _trained(sweep, taken, report, host)
    except WrongFigureError as error:
        study.tell(taken.trial, state=TrialState.FAIL)
        print(f"zoo: {error}", file=sys.stderr)
        return MISTAKE
    except ZooError as error:
        taken.trial.set_user_attr("error", str(error))
        study.tell(taken.trial, state=TrialState.FAIL)
        print(f"trial {taken.trial.number} failed: {error}", flush=True)
        return 0
    if report.abandoned or run.metrics.get("stopped_by"):
        forget_starts(taken)
        return STOPPED
    _tell(sweep, study, taken, run, report.pruned)
    return 0


def _announced(sweep: Sweep, taken: Taken) -> str:
    words = " ".join(f"{key}={text}" for key, text in taken.chosen.items())
    return f"trial {taken.trial.number}: {words}{f' (goes on in {taken.run})' if taken.run else ''}"


def _trained(sweep: Sweep, taken: Taken, report: Report, host: Host) -> Run:
    folder = sweep.path / taken.run
    if taken.run and (folder / "recipe.yaml").is_file():
        run = zoo.load_run(folder, host=host)
        # Killed after its last epoch, before the study heard of it.
        if run.metrics.get("status") == "completed":
            return run
        return zoo.resume(folder, host=host, callbacks=[report], say=_quiet)
    recipe = sweep.load(taken.chosen, host, strict=False)
    recipe.name = f"{sweep.recipe}-{taken.trial.number:04d}"
    return zoo.train(recipe, root=sweep.path, callbacks=[report], say=_quiet)


def _tell(sweep: Sweep, study: optuna.Study, taken: Taken, run: Run, pruned: bool) -> None:
    number = taken.trial.number
    measured = {int(row["epoch"]): row.get(sweep.monitor, math.nan) for row in run.history}
    figures = {epoch: figure for epoch, figure in measured.items() if not math.isnan(figure)}
    if not figures:
        taken.trial.set_user_attr("error", f"{sweep.monitor} was never measured")
        study.tell(taken.trial, state=TrialState.FAIL)
        print(f"trial {number} failed: {sweep.monitor} was never measured", flush=True)
        return
    epoch = best_epoch(figures, sweep.mode)
    if pruned:
        study.tell(taken.trial, state=TrialState.PRUNED)
    else:
        study.tell(taken.trial, figures[epoch])
    early = f", ended early after epoch {max(figures)}" if pruned else ""
    print(
        f"trial {number}: {sweep.monitor} {shown(figures[epoch])} in epoch {epoch}{early}",
        flush=True,
    )


def _quiet(line: str) -> None:
    """Leave out what a training says of its data and its run, which is the same for every trial."""


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
    except ZooError as error:
        print(f"zoo: {error}", file=sys.stderr)
        sys.exit(MISTAKE)
