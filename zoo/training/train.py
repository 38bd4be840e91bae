"""Training a recipe into a run directory, and going on with one that was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from zoo.data.loader import Loader
from zoo.errors import ZooError
from zoo.memory import peak_memory_bytes
from zoo.plugins import Host
from zoo.recipe.load import Recipe, load_recipe
from zoo.report.report import Report
from zoo.runs import files
from zoo.runs.environment import environment
from zoo.runs.examples import save_examples
from zoo.runs.history import read_history
from zoo.runs.plugin_record import check_plugins, record_plugins, unloadable
from zoo.runs.run import Run, create_run, load_run
from zoo.training.assembly import assemble
from zoo.training.callbacks.checkpoints import Checkpoints, save_networks
from zoo.training.callbacks.curves import CurvesFile, draw_curves
from zoo.training.callbacks.divergence import StopOnNaN
from zoo.training.callbacks.history import HistoryFile
from zoo.training.callbacks.interrupt import Interrupt
from zoo.training.callbacks.learning_rates import LearningRates
from zoo.training.callbacks.progress import Progress
from zoo.training.callbacks.report import ReportFile
from zoo.training.callbacks.samples import SampleGrid
from zoo.training.experiment import Experiment
from zoo.training.parent import parent_of

Say = Callable[[str], None]

RESUMABLE = (
    "training.epochs",
    "training.workers",
    "evaluation.every",
    "evaluation.samples",
    "evaluation.samples_every",
    "checkpoints.every",
)
"""Keys of a recipe that may change when a run is resumed: how long, and what is written on the way."""


def train(
    recipe: Recipe | str | Path,
    *overrides: str,
    root: str | Path = "runs",
    say: Say = print,
    began: Callable[[Run], None] = lambda run: None,
) -> Run:
    """Train a recipe; everything it makes is in the run directory that is returned.

    Args:
        recipe: a loaded recipe, or a name or path to load.
        overrides: `"key.path=value"`, if it is to be loaded here.
        root: where the run directory is made.
        say: takes the few lines that tell what happens.
        began: called with the run before its first epoch.

    Raises:
        RecipeError: before anything is trained or written, with every problem of the recipe.
        ZooError: if training diverges; the run keeps what was saved until then.
    """
    experiment = assemble(recipe if isinstance(recipe, Recipe) else str(recipe), *overrides)
    run = create_run(Path(root), experiment.recipe.name, experiment.recipe.to_yaml())
    _prepare(experiment, run, say)
    say(f"run {run.path}")
    began(run)
    return _fit(experiment, run, say)


def resume(
    path: str | Path,
    *overrides: str,
    host: Host | None = None,
    say: Say = print,
    began: Callable[[Run], None] = lambda run: None,
) -> Run:
    """Go on with a run from its last checkpoint, with its optimizers, step and seeds, up to the recipe's last epoch.

    A run that was stopped within an epoch goes on with the batches of that epoch that it has not seen; one that was
    killed before its first checkpoint begins again; one that was killed after its last epoch gets what it lacks.

    Args:
        path: the run directory.
        overrides: `"training.epochs=40"`, to train longer, and other keys of `RESUMABLE`; the run's recipe then says
            so. Learning rates that depend on the number of epochs follow the new number from here on.
        host: the plugins that it may use, as `zoo.load_host` returns them; None for the installed ones.
        say: takes the few lines that tell what happens.
        began: called with the run before its next epoch.

    Raises:
        ZooError: if the run has reached its last epoch and lacks nothing, or a key cannot be changed in a training
            that has begun.
    """
    run = load_run(path, host=host)
    if run.metrics.get("status") == "imported":
        raise ZooError(
            f"{run.path} was imported and not trained here: there is no training to go on with"
        )
    _refuse_others(run, overrides)
    check_plugins(run.path)
    recipe = run.path / files.RECIPE
    experiment = assemble(load_recipe(recipe, *overrides, host=host))
    checkpoint = run.path / files.LAST
    if checkpoint.is_file():
        _restore(experiment, run)
    epoch, position = divmod(_steps(experiment), experiment.steps_per_epoch)
    if epoch >= experiment.epochs and (epoch > experiment.epochs or _is_finished(experiment, run)):
        raise ZooError(
            f"{run.path} has already trained {epoch} epochs and lacks nothing; to train longer: "
            f"zoo resume {run.path} training.epochs={2 * epoch}"
        )
    if overrides:
        files.write_text(recipe, experiment.recipe.to_yaml())
    if not checkpoint.is_file():
        _prepare(experiment, run, say)
        say(f"run {run.path}: it has no checkpoint yet, so it begins again")
    elif epoch >= experiment.epochs:
        say(f"run {run.path}: all {epoch} epochs are trained; writing what the run lacks")
        save_networks(experiment.model.translators, run.path)
        if (run.path / files.HISTORY).is_file():
            draw_curves(run.path / files.HISTORY, run.path / files.CURVES)
    else:
        say(
            f"run {run.path}: going on in epoch {epoch + 1} of {experiment.epochs}, at batch {position + 1}"
        )
    began(run)
    return _fit(experiment, run, say, epoch, position)


def _prepare(experiment: Experiment, run: Run, say: Say) -> None:
    """Write what a run holds before its first epoch, beside the recipe."""
    files.write_json(run.path / files.ENVIRONMENT, environment())
    record_plugins(run.path, experiment.recipe)
    if parent := parent_of(experiment.recipe):
        files.write_json(run.path / files.PARENT, parent)
    files.write_json(run.path / files.PICTURES, experiment.dataset.formats.as_json())
    save_examples(run.path / files.EXAMPLES, experiment.dataset)
    say(experiment.dataset.summary)
    for note in experiment.notes:
        say(note)
    if skipped := experiment.dataset.skipped:
        files.write_text(run.path / files.SKIPPED, "\n".join(skipped) + "\n")
        say(f"{len(skipped)} pictures were skipped; they are listed in {run.path / files.SKIPPED}")


def _refuse_others(run: Run, overrides: Sequence[str]) -> None:
    """Refuse overrides of what a training that has begun cannot change."""
    keys = [word.partition("=")[0] for word in overrides]
    if others := [key for key in keys if key not in RESUMABLE]:
        raise ZooError(
            f"zoo resume cannot change {', '.join(others)}: {run.path} goes on with the networks, losses and data that "
            f"it began with; expected {', '.join(RESUMABLE[:-1])} or {RESUMABLE[-1]}; for another training start from "
            f"its recipe: zoo train {run.path / files.RECIPE} {' '.join(overrides)}"
        )


def _restore(experiment: Experiment, run: Run) -> None:
    """Put the model of a run's checkpoint into an experiment."""
    checkpoint = run.path / files.LAST
    assembled = experiment.model.optimizer
    try:
        experiment.model = keras.models.load_model(checkpoint)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise unloadable(checkpoint, run.path, error) from error
    # Those of the file were made for the number of epochs that the run had then.
    experiment.model.optimizer.take_schedules(assembled)


def _is_finished(experiment: Experiment, run: Run) -> bool:
    """Return whether a run whose epochs are trained holds all that it should."""
    wanted = [f"{name}.keras" for name in experiment.model.translators] + [files.REPORT]
    if (run.path / files.HISTORY).is_file():
        wanted.append(files.CURVES)
    return (
        run.metrics.get("status") == "completed"
        and run.metrics.get("steps") == _steps(experiment)
        and all((run.path / name).is_file() for name in wanted)
        # The report is written before the metrics too, and then knows less.
        and _modified(run.path / files.REPORT) >= _modified(run.path / files.METRICS)
    )


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns


def _steps(experiment: Experiment) -> int:
    return int(experiment.model.optimizer.iterations)


def _fit(experiment: Experiment, run: Run, say: Say, epoch: int = 0, position: int = 0) -> Run:
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
    callbacks = _callbacks(experiment, run, progress, interrupt, report)
    fit_options: dict[str, Any] = {
        "validation_data": experiment.test_data,
        "validation_freq": sections.evaluation.every,
        "shuffle": False,  # the loader shuffles, by seed and epoch
        "verbose": 0,
    }

    def finish(status: str | None = None, **figures: float) -> Path:
        seconds = earlier + time.perf_counter() - start
        _write_metrics(experiment, run, figures, seconds, progress, status)
        return report.write()

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
        finish("failed")
        raise
    figures = experiment.model.evaluate(experiment.test_data, return_dict=True, verbose=0)
    page = finish(**figures)
    say(_held_out(experiment, figures))
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
    experiment: Experiment, run: Run, progress: Progress, interrupt: Interrupt, report: Report
) -> list[keras.callbacks.Callback]:
    sections, path = experiment.recipe.sections, run.path
    callbacks: list[keras.callbacks.Callback] = [
        progress,
        HistoryFile(path / files.HISTORY),
        CurvesFile(path / files.HISTORY, path / files.CURVES),
        *(
            [LearningRates(experiment.figure_schedules, path / files.HISTORY)]
            if experiment.figure_schedules
            else []
        ),
        # What comes after this one never replaces good weights with broken ones.
        StopOnNaN(),
    ]
    if sections.evaluation.samples:
        callbacks.append(
            SampleGrid(
                path / files.SAMPLES,
                experiment.dataset.test,
                formats=experiment.dataset.formats,
                count=sections.evaluation.samples,
                every=sections.evaluation.samples_every,
            )
        )
    callbacks += experiment.callbacks(path)
    # After all that it shows.
    callbacks.append(ReportFile(report))
    # After all others that write, so that a checkpoint stands for everything of its epochs.
    callbacks.append(
        Checkpoints(
            path,
            history=path / files.HISTORY,
            steps_per_epoch=experiment.steps_per_epoch,
            every=sections.checkpoints.every,
        )
    )
    # Last, so that a stop during any of the others' work is heard before the next epoch begins.
    return [*callbacks, interrupt]


def _write_metrics(
    experiment: Experiment,
    run: Run,
    figures: dict[str, float],
    seconds: float,
    progress: Progress,
    status: str | None,
) -> None:
    steps = _steps(experiment)
    epochs = steps // experiment.steps_per_epoch
    files.write_json(
        run.path / files.METRICS,
        {
            **{name: float(value) for name, value in figures.items()},
            "epochs": epochs,
            "steps": steps,
            "seconds": round(seconds, 2),
            "images_per_second": round(progress.images_per_second, 2),
            **({} if (peak := peak_memory_bytes()) is None else {"peak_memory_bytes": peak}),
            "status": status or ("completed" if epochs >= experiment.epochs else "stopped"),
            "train_examples": len(experiment.dataset.train),
            "test_examples": len(experiment.dataset.test),
            "dataset": experiment.dataset.summary,
            "data_licence": experiment.recipe.sections.card.data_licence
            or experiment.dataset.licence,
        },
    )


def _held_out(experiment: Experiment, figures: dict[str, float]) -> str:
    told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    if not told:
        told = (
            "no metrics asked for"
            if experiment.dataset.test_paired
            else "not pairs, so no metric compares them; look at the samples"
        )
    return f"held-out pictures ({len(experiment.dataset.test)}): {told}"
