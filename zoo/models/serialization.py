"""A model's arguments as plain data, and back, for Keras's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from zoo.models.parts import Inference, WeightedLoss, WeightedPenalty


def serialize_losses(losses: Sequence[WeightedLoss]) -> list[dict[str, Any]]:
    """Return weighted losses as plain data."""
    serialize = keras.saving.serialize_keras_object
    return [
        {"name": item.name, "loss": serialize(item.loss), "weight": item.weight} for item in losses
    ]


def serialize_penalties(penalties: Sequence[WeightedPenalty]) -> list[dict[str, Any]]:
    """Return weighted penalties as plain data."""
    serialize = keras.saving.serialize_keras_object
    return [
        {"name": item.name, "penalty": serialize(item.penalty), "weight": item.weight}
        for item in penalties
    ]


def deserialize_arguments(
    config: Mapping[str, Any],
    objects: Sequence[str],
    custom_objects: Any = None,
    *,
    losses: str = "reconstruction",
) -> dict[str, Any]:
    """Return a model's arguments from plain data.

    Args:
        config: what `get_config` returned; `inference`, weighted losses and `penalties` are known.
        objects: names of the other arguments that Keras serialised.
        custom_objects: as Keras hands them to `from_config`.
        losses: name of the argument that holds weighted losses.
    """

    def deserialize(item: Any) -> Any:
        return keras.saving.deserialize_keras_object(item, custom_objects=custom_objects)

    arguments = dict(config)
    for name in objects:
        arguments[name] = deserialize(arguments[name])
    arguments[losses] = [
        WeightedLoss(item["name"], deserialize(item["loss"]), item["weight"])
        for item in arguments[losses]
    ]
    if "penalties" in arguments:
        arguments["penalties"] = [
            WeightedPenalty(item["name"], deserialize(item["penalty"]), item["weight"])
            for item in arguments["penalties"]
        ]
    arguments["inference"] = Inference(**arguments["inference"])
    return arguments
