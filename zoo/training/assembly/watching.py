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
from zoo.schedules import FigureSchedule, require_figure
from zoo.training.assembly.builder import Builder
from zoo.training.assembly.model import PARTS

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
    known = {f"val_{metric.name}" for metric in metrics if hasattr(metric, "_direction")}
    for key, callback in callbacks.items():
        figure = getattr(callback, "monitor", None)
        if figure in names - known and getattr(callback, "mode", "") == "auto":
            told = f"nobody says whether a higher or a lower '{figure}' is better; set mode to min or max"
            builder.note((*key, "mode"), ZooError(told), CAUSES)
