"""The training itself: `fit` with everything that looks on, and the end of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from zoo.data.loader import Loader
from zoo.errors import ZooError
from zoo.notebook.kernel import in_notebook
from zoo.notebook.latest import Latest
from zoo.report.report import Report
from zoo.runs import files
from zoo.runs.history import read_history
from zoo.runs.run import Run
from zoo.training.callbacks.checkpoints import Checkpoints
from zoo.training.callbacks.curves import CurvesFile
from zoo.training.callbacks.history import HistoryFile
from zoo.training.callbacks.interrupt import Interrupt
from zoo.training.callbacks.learning_rates import LearningRates
from zoo.training.callbacks.progress import Progress
from zoo.training.callbacks.report import ReportFile
from zoo.training.callbacks.run_callback import RunCallback
from zoo.training.callbacks.samples import SampleGrid
from zoo.training.ending import (
    better_epoch_sentence,
    evaluate_run,
    held_out_sentence,
    write_metrics,
)
from zoo.training.experiment import Experiment
from zoo.training.guards.guards import guards_of

Say = Callable[[str], None]


def fit_run(
    experiment: Experiment,
    run: Run,
    beside: Sequence[keras.callbacks.Callback],
    say: Say,
    epoch: int = 0,
    position: int = 0,
) -> Run:
    """Train an experiment to its last epoch, measure it, and write everything that a run holds.

    Args:
        experiment: assembled; of a run that goes on, with the model of its checkpoint.
        run: its directory, with what is there before the first epoch.
        beside: callbacks beside those of the recipe.
        say: takes the few lines that tell what happens.
        epoch: the epoch to begin or go on with, from 0.
        position: batches of that epoch that have been seen.

    Raises:
        ZooError: if training diverges; the run keeps what was saved until then.
    """
    sections = experiment.recipe.sections
    earlier = _earlier_seconds(run)
    start = time.perf_counter()
    progress = Progress(
        epochs=experiment.epochs,
        steps_per_epoch=experiment.steps_per_epoch,
        batch_size=experiment.train_data.batch_size,
    )
    interrupt = Interrupt()
    report = Report(run.path)
    callbacks = _callbacks(experiment, run, beside, progress, interrupt, report, (epoch, position))
    followers = [callback for callback in callbacks if isinstance(callback, RunCallback)]
    for follower in followers:
        follower.on_run_begin(Run(run.path, run.host), experiment)
    fit_options: dict[str, Any] = {
        "validation_data": experiment.test_data,
        "validation_freq": sections.evaluation.every,
        "shuffle": False,  # the loader shuffles, by seed and epoch
        "verbose": 0,
    }

    def finish(figures: dict[str, float], status: str | None = None) -> Path:
        seconds = earlier + time.perf_counter() - start
        write_metrics(experiment, run, figures, seconds, progress, status, interrupt.stopped_by)
        page = report.write()
        for follower in followers:
            follower.on_run_end(Run(run.path, run.host))
        return page

    try:
        with progress, interrupt:
            experiment.train_data.epoch = epoch
            if position:
                rest = experiment.train_data.rest(position)
                experiment.model.fit(
                    rest,
                    initial_epoch=epoch,
                    epochs=epoch + 1,
                    callbacks=[_follow_epoch(rest), *callbacks],
                    **fit_options,
                )
                epoch += 1
                experiment.train_data.epoch = epoch
            if epoch < experiment.epochs and not interrupt.stopped_by:
                experiment.model.fit(
                    experiment.train_data,
                    initial_epoch=epoch,
                    epochs=experiment.epochs,
                    callbacks=[_follow_epoch(experiment.train_data), *callbacks],
                    **fit_options,
                )
    except ZooError:
        finish({}, "failed")
        raise
    names = [metric.name for metric in experiment.model.held_out_metrics.all]
    evaluation = evaluate_run(experiment, run)
    figures = {name: evaluation.figures[name].value for name in names}
    page = finish(figures)
    say(held_out_sentence(experiment, figures))
    if told := better_epoch_sentence(experiment, run):
        say(told)
    say(f"report {page}")
    say(f"translate pictures with: zoo translate {run.path} PICTURE_OR_FOLDER --out translated")
    say(
        f"export it with: zoo export {run.path} --format onnx; or try it in a browser: zoo serve {run.path}"
    )
    return Run(run.path)


def _earlier_seconds(run: Run) -> float:
    """Return how long a run was trained before; one that was killed has it in its history alone."""
    told = [float(run.metrics.get("seconds", 0.0))]
    if (run.path / files.HISTORY).is_file():
        told += [float(row["seconds"]) for row in read_history(run.path / files.HISTORY)[-1:]]
    return max(told)


def _follow_epoch(loader: Loader) -> keras.callbacks.Callback:
    """Tell the loader which epoch begins; on JAX and torch Keras's look at a single batch passes for an epoch."""
    return keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(loader, "epoch", epoch)
    )


def _callbacks(
    experiment: Experiment,
    run: Run,
    beside: Sequence[keras.callbacks.Callback],
    progress: Progress,
    interrupt: Interrupt,
    report: Report,
    start: tuple[int, int],
) -> list[keras.callbacks.Callback]:
    sections, path = experiment.recipe.sections, run.path
    guards = guards_of(experiment, run, start)
    callbacks: list[keras.callbacks.Callback] = [
        progress,
        HistoryFile(path / files.HISTORY),
        CurvesFile(path / files.HISTORY, path / files.CURVES),
        *(
            [LearningRates(experiment.figure_schedules, path / files.HISTORY)]
            if experiment.figure_schedules
            else []
        ),
        *guards.callbacks,
    ]
    if sections.evaluation.samples:
        callbacks.append(
            SampleGrid(
                path / files.SAMPLES,
                experiment.dataset.test,
                formats=experiment.dataset.formats,
                count=sections.evaluation.samples,
                every=sections.evaluation.samples_every,
                listeners=[*guards.listeners, *([Latest()] if in_notebook() else [])],
            )
        )
    callbacks += [*experiment.callbacks(path), *beside]
    # After all that it shows.
    callbacks.append(ReportFile(report))
    # After all others that write, so that a checkpoint stands for everything of its epochs.
    callbacks.append(
        Checkpoints(
            path,
            history=path / files.HISTORY,
            steps_per_epoch=experiment.steps_per_epoch,
            every=sections.checkpoints.every,
            monitor=sections.checkpoints.best.monitor,
            mode=experiment.best_mode,
        )
    )
    # Last, so that a stop during any of the others' work is heard before the next epoch begins.
    return [*callbacks, interrupt]
