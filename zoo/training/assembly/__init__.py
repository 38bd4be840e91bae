"""From a recipe to an experiment: a compiled model with its data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import keras

from zoo.backend import use_deterministic_operations
from zoo.backend.memory import keep_freed_memory
from zoo.data.dataset import Dataset
from zoo.evaluation.metrics import check_classes
from zoo.losses.feature_matching import compares_features
from zoo.recipe.load import Recipe, load_recipe
from zoo.recipe.problems import RecipeError
from zoo.training.assembly.builder import Builder
from zoo.training.assembly.data import make_loaders, open_dataset
from zoo.training.assembly.dry_run import try_loss, try_metric
from zoo.training.assembly.model import Losses, make_model
from zoo.training.assembly.optimizers import make_optimizers
from zoo.training.assembly.watching import check_watched, mode_of, try_callbacks
from zoo.training.experiment import Experiment


def assemble(recipe: Recipe | str, *overrides: str) -> Experiment:
    """Build the networks and losses of a recipe, compile them and open its data.

    Sets the random seeds of Python, NumPy and the backend from `training.seed`, so that the weights are the same
    each time.

    Args:
        recipe: a loaded recipe, or a name or path to load.
        overrides: `"key.path=value"`, if it is to be loaded here.

    Raises:
        RecipeError: with every problem: of keys and values, and of components that do not fit together.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, *overrides, strict=False)
    with _training_options(recipe):
        return _assembled(Builder(recipe))


def _assembled(builder: Builder) -> Experiment:
    recipe = builder.recipe
    dataset = open_dataset(builder)
    losses = Losses(
        builder.create(("losses", "adversarial")),
        builder.create_all(("losses", "reconstruction")),
        builder.create_all(("losses", "penalties")),
    )
    metrics = builder.create_all(("evaluation", "metrics"))
    model = loaders = None
    if dataset:
        _try_out(builder, dataset, losses.reconstruction, metrics)
        if not dataset.test_paired:
            # Others compare what was never meant to be alike.
            metrics = [metric for metric in metrics if not getattr(metric, "paired", True)]
        model = make_model(builder, dataset, losses)
        loaders = builder.attempt(
            ("training", "batch_size"),
            partial(make_loaders, recipe, dataset, model.shares if model else 1),
            (("dataset",), ("model",)),
        )
    optimizers, schedules = make_optimizers(
        builder, len(loaders[0]) if loaders else 1, model.players if model else {}
    )
    callbacks = try_callbacks(builder)
    if model:
        check_watched(builder, model, metrics, callbacks, list(schedules.values()))
    if builder.problems:
        raise RecipeError(recipe.name, builder.problems)
    assert model is not None
    assert dataset is not None
    assert loaders is not None
    model.compile(optimizer=optimizers, metrics=metrics)
    best = recipe.sections.checkpoints.best
    mode = mode_of(best.monitor, best.mode, metrics)
    return Experiment(recipe, model, dataset, *loaders, schedules, builder.notes, mode)


@contextlib.contextmanager
def _training_options(recipe: Recipe) -> Iterator[None]:
    """Seeds, deterministic operations, and the dtype policy while the networks are built."""
    keep_freed_memory()
    if recipe.problems:
        yield
        return
    training = recipe.sections.training
    keras.utils.set_random_seed(training.seed)
    if training.deterministic:
        use_deterministic_operations()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(training.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _try_out(
    builder: Builder, dataset: Dataset, losses: Sequence[Any], metrics: Sequence[Any]
) -> None:
    """Compute losses and metrics once, so that one that cannot compare pictures is told before training."""
    for key, built, attempt in (
        (("losses", "reconstruction"), losses, try_loss),
        (("evaluation", "metrics"), metrics, partial(_try_metric, dataset)),
    ):
        for (place, _), item in zip(builder.recipe.choices_of(key), built, strict=True):
            if item is not None and not compares_features(item):
                check = partial(attempt, item, dataset.target_shape)
                builder.attempt(place, check, (("dataset",),))


def _try_metric(dataset: Dataset, metric: Any, shape: tuple[int, int, int]) -> None:
    check_classes(metric, dataset.formats.target)
    try_metric(metric, shape, dataset.source_shape)
