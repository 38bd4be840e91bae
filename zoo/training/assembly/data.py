"""The data of an experiment: the recipe's dataset, tried on a few pictures, and its batches."""

from __future__ import annotations

import math
from functools import partial

from zoo.backend import shard
from zoo.data.dataset import Dataset
from zoo.data.declaration import check_examples, grey_sides
from zoo.data.loader import Loader
from zoo.memory import require_memory
from zoo.recipe.load import Recipe
from zoo.recipe.problems import Key
from zoo.training.assembly.builder import Builder


def open_dataset(builder: Builder) -> Dataset | None:
    """Open the pictures, and see that they are as declared and that a batch of them fits into the memory.

    Returns:
        The dataset; None if it cannot be used, which is then a problem.
    """
    dataset: Dataset | None = builder.create(("dataset",))
    if dataset is None or builder.recipe.problems:
        return dataset
    count = min(builder.recipe.sections.training.batch_size, len(dataset.train))
    pair = math.prod(dataset.source_shape) + math.prod(dataset.target_shape)
    size = " x ".join(str(side) for side in dataset.target_shape[:2])
    what = f"batches of {count} {'pair' if count == 1 else 'pairs'} of {size} pixels"
    instead = "smaller pictures" + (" or a smaller training.batch_size" if count > 1 else "")
    key: Key = ("training", "batch_size") if count > 1 else ("dataset",)
    before = len(builder.problems)
    builder.attempt(key, partial(require_memory, 4 * count * pair, what, instead), (("dataset",),))
    if len(builder.problems) == before:
        builder.attempt(("dataset",), partial(check_examples, dataset))
    if len(builder.problems) > before:
        return None
    _note_grey(builder, dataset)
    return dataset


def _note_grey(builder: Builder, dataset: Dataset) -> None:
    """Say which side could do with one channel, where the recipe can say so."""
    arguments = {item.name for item in builder.recipe.choices["dataset",].component.arguments}
    for side in grey_sides(dataset):
        key = f"{side}_format"
        if key in arguments:
            builder.notes.append(
                f"the {side}s seem to be grey, and are read as three equal channels; one is enough: "
                f"dataset.{key}.channels=grey"
            )


def make_loaders(recipe: Recipe, dataset: Dataset, shares: int) -> tuple[Loader, Loader]:
    """Return training and held-out batches.

    Args:
        recipe: with the section `training`, if nothing is wrong with it.
        dataset: where the pictures come from.
        shares: batches that a step takes, one for each update of the most eager player.
    """
    if recipe.problems:
        return Loader(dataset.train), Loader(dataset.test)
    training = recipe.sections.training
    train = Loader(
        dataset.train,
        training.batch_size * shares,
        seed=training.seed,
        shuffle=True,
        augment=True,
        # A smaller batch at the end could not be shared out.
        drop_remainder=shares > 1,
        workers=training.workers,
        shard=shard(),
    )
    return train, Loader(dataset.test, training.batch_size, workers=training.workers)
