"""Training a recipe into a run directory, and going on with one that was stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from zoo.errors import ZooError
from zoo.plugins import Host
from zoo.recipe.load import Recipe, load_recipe
from zoo.runs import files
from zoo.runs.environment import environment
from zoo.runs.examples import save_examples
from zoo.runs.plugin_record import check_plugins, record_plugins, unloadable
from zoo.runs.run import Run, create_run, load_run
from zoo.training.assembly import assemble
from zoo.training.callbacks.checkpoints import save_networks
from zoo.training.callbacks.curves import draw_curves
from zoo.training.experiment import Experiment
from zoo.training.fit import Say, fit_run
from zoo.training.guards.guards import warn_of_overlap
from zoo.training.parent import parent_of
from zoo.training.tracking import tracking

RESUMABLE = (
    "training.epochs",
    "training.workers",
    "evaluation.every",
    "evaluation.samples",
    "evaluation.samples_every",
    "checkpoints.every",
    "warnings.off",
)
"""Keys of a recipe that may change when a run is resumed: how long, and what is written on the way."""


def train(
    recipe: Recipe | str | Path,
    *overrides: str,
    root: str | Path = "runs",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    say: Say = print,
    began: Callable[[Run], None] = lambda run: None,
) -> Run:
    """Train a recipe; everything it makes is in the run directory that is returned.

    Args:
        recipe: a loaded recipe, or a name or path to load.
        overrides: `"key.path=value"`, if it is to be loaded here.
        root: where the run directory is made.
        callbacks: look on beside those of the recipe, after them, and are not recorded.
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
    return fit_run(experiment, run, callbacks, say)


def resume(
    path: str | Path,
    *overrides: str,
    track: Sequence[str] = (),
    host: Host | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
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
        track: trackers that the run's recipe is to name from here on, if it does not yet, such as `mlflow`.
        host: the plugins that it may use, as `zoo.load_host` returns them; None for the installed ones.
        callbacks: look on beside those of the recipe, after them, and are not recorded.
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
    words = [*overrides, *tracking(load_recipe(recipe, host=host), track)]
    experiment = assemble(load_recipe(recipe, *words, host=host))
    checkpoint = run.path / files.LAST
    if checkpoint.is_file():
        _restore(experiment, run)
    epoch, position = divmod(experiment.trained_steps, experiment.steps_per_epoch)
    if epoch >= experiment.epochs and (epoch > experiment.epochs or _is_finished(experiment, run)):
        raise ZooError(
            f"{run.path} has already trained {epoch} epochs and lacks nothing; to train longer: "
            f"zoo resume {run.path} training.epochs={2 * epoch}"
        )
    if words:
        files.write_text(recipe, experiment.recipe.to_yaml())
        record_plugins(run.path, experiment.recipe)
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
    return fit_run(experiment, run, callbacks, say, epoch, position)


def _prepare(experiment: Experiment, run: Run, say: Say) -> None:
    """Write what a run holds before its first epoch, beside the recipe."""
    files.write_json(run.path / files.ENVIRONMENT, environment())
    record_plugins(run.path, experiment.recipe)
    about = {**experiment.dataset.formats.as_json(), "paired": experiment.dataset.test_paired}
    files.write_json(run.path / files.PICTURES, about)
    if parent := parent_of(experiment.recipe):
        files.write_json(run.path / files.PARENT, parent)
    save_examples(run.path / files.EXAMPLES, experiment.dataset)
    say(experiment.dataset.summary)
    for note in experiment.notes:
        say(note)
    if skipped := experiment.dataset.skipped:
        files.write_text(run.path / files.SKIPPED, "\n".join(skipped) + "\n")
        say(f"{len(skipped)} pictures were skipped; they are listed in {run.path / files.SKIPPED}")
    warn_of_overlap(experiment, run)


def _refuse_others(run: Run, overrides: Sequence[str]) -> None:
    """Refuse overrides of what a training that has begun cannot change."""
    keys = [word.partition("=")[0].removesuffix("+") for word in overrides]
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
        and run.metrics.get("steps") == experiment.trained_steps
        and all((run.path / name).is_file() for name in wanted)
        # The report is written before the metrics too, and then knows less.
        and _modified(run.path / files.REPORT) >= _modified(run.path / files.METRICS)
    )


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns
