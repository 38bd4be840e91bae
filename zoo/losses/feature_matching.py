"""Feature matching: a fake shall call forth the same features in the discriminator as its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from zoo.networks.features import offered_features

ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.LeakyReLU,
    keras.layers.ReLU,
    keras.layers.ELU,
    keras.layers.PReLU,
)


@keras.saving.register_keras_serializable(package="zoo")
class FeatureMatching(keras.losses.Loss):
    """Mean distance of the discriminator's features, averaged over its layers; pix2pixHD weighs it by 10.

    It compares lists of features where other losses compare pictures, which its `compares` tells a model.
    Source: https://arxiv.org/abs/1711.11585.

    Args:
        distance: `l1` or `l2`.
    """

    compares = "discriminator features"

    def __init__(
        self, distance: Literal["l1", "l2"] = "l1", name: str = "feature_matching"
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.distance = distance

    def call(self, y_true: Sequence[Any], y_pred: Sequence[Any]) -> Any:
        """Return the distance, a scalar.

        Args:
            y_true: features of the real pictures, one tensor a layer; taken as constants.
            y_pred: features of the fakes.
        """
        measure = ops.abs if self.distance == "l1" else ops.square
        distances = [
            ops.mean(measure(ops.cast(fake, "float32") - ops.cast(real, "float32")))
            for real, fake in zip(y_true, y_pred, strict=True)
        ]
        return sum(distances) / len(distances)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"distance": self.distance, "name": self.name}


def compares_features(loss: keras.losses.Loss) -> bool:
    """Return whether a loss compares the discriminator's features and not the pictures."""
    return getattr(loss, "compares", "") == FeatureMatching.compares


def features_to_match(discriminator: keras.Model, name: str = "") -> tuple[str, ...]:
    """Return the names of the features that are compared: those it offers, or else its activation layers.

    Args:
        discriminator: a functional or sequential network.
        name: what the error calls it, if not by its own name.

    Raises:
        ValueError: if it is no such network, or offers nothing and no activation layer is found in it.
    """
    lacking = "no layers that can be looked into, as it is no functional or sequential network"
    if getattr(discriminator, "inputs", None):
        lacking = "no activation layer of its own"
        names = offered_features(discriminator) or tuple(
            layer.name for layer in discriminator.layers if isinstance(layer, ACTIVATIONS)
        )
        if names:
            return names
    raise ValueError(
        f"feature matching compares the outputs of the discriminator's activation layers, but the discriminator "
        f"'{name or discriminator.name}' has {lacking}; use another discriminator, such as patchgan, or leave the "
        "loss out"
    )
