"""Callbacks, and the figures that they and schedules watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras

from zoo.errors import ZooError
from zoo.models.translation_model import TranslationModel
from zoo.recipe.load import Choice
from zoo.recipe.problems import Key
from zoo.recipe.schema import BEST_MONITOR
from zoo.runs.best import Mode
from zoo.schedules import FigureSchedule, require_figure
from zoo.training.assembly.builder import Builder
from zoo.training.assembly.model import PARTS

BEST: Key = ("checkpoints", "best")
# What decides which figures the history has.
CAUSES: tuple[Key, ...] = (("evaluation",), ("model",), *PARTS)


def try_callbacks(builder: Builder) -> dict[Key, keras.callbacks.Callback]:
    """Create the callbacks once, to see that they can be created; a training takes its own."""
    built = {
        key: builder.attempt(key, partial(_create, choice))
        for key, choice in builder.recipe.choices_of(("callbacks",))
    }
    return {key: callback for key, callback in built.items() if callback is not None}


def _create(choice: Choice) -> keras.callbacks.Callback:
    callback = choice.component.create(choice.component.in_run(choice.arguments, Path()))
    if not isinstance(callback, keras.callbacks.Callback):
        raise ZooError(
            f"{choice.component.name} makes an object of type {type(callback).__name__}; expected a "
            "keras.callbacks.Callback"
        )
    return callback


def check_watched(
    builder: Builder,
    model: TranslationModel,
    metrics: Sequence[Any],
    callbacks: Mapping[Key, Any],
    schedules: Sequence[FigureSchedule],
) -> None:
    """See that what a schedule or a callback watches will be in the history.

    Args:
        builder: collects what will not.
        model: which names its losses.
        metrics: of held-out pictures.
        callbacks: by the key in the recipe.
        schedules: that follow a figure.
    """
    names = {*model.loss_names, *(f"val_{metric.name}" for metric in metrics)}
    watched: dict[Key, tuple[str, str]] = {
        (*key, "monitor"): ("the callback", callback.monitor)
        for key, callback in callbacks.items()
        if isinstance(getattr(callback, "monitor", None), str)
        # A ModelCheckpoint that keeps all epochs watches nothing.
        and getattr(callback, "save_best_only", True)
    }
    for schedule in schedules:
        watched["schedule", "monitor"] = ("the schedule", schedule.monitor)
    for key, (watcher, monitor) in watched.items():
        builder.attempt(key, partial(require_figure, monitor, names, watcher), CAUSES)
    modes: dict[Key, tuple[Any, Any]] = {
        key: (getattr(callback, "monitor", None), getattr(callback, "mode", ""))
        for key, callback in callbacks.items()
    }
    if not builder.recipe.problems:
        best = builder.recipe.sections.checkpoints.best
        modes[BEST] = best.monitor, best.mode
        if best.monitor != BEST_MONITOR:
            find = partial(require_figure, best.monitor, names, "it")
            builder.attempt((*BEST, "monitor"), find, CAUSES)
    known = _directions(metrics)
    for key, (figure, mode) in modes.items():
        if figure in names - known.keys() and mode == "auto":
            told = f"nobody says whether a higher or a lower '{figure}' is better; set mode to min or max"
            builder.note((*key, "mode"), ZooError(told), CAUSES)


def mode_of(monitor: str, mode: str, metrics: Sequence[Any]) -> Mode:
    """Return whether a higher or a lower figure is better, of one that was checked.

    Args:
        monitor: the figure.
        mode: as the recipe says it.
        metrics: of held-out pictures, which say it themselves.
    """
    if mode == "auto":
        return _directions(metrics).get(monitor, "max")
    return "min" if mode == "min" else "max"


def _directions(metrics: Sequence[Any]) -> dict[str, Mode]:
    """Return of the figures of metrics that say it, which are better."""
    told: dict[str, Mode] = {"up": "max", "down": "min"}
    return {
        f"val_{metric.name}": told[metric._direction]
        for metric in metrics
        if getattr(metric, "_direction", None) in told
    }
