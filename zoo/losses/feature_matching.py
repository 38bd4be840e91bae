"""Feature matching: a fake shall call forth the same features in the discriminator as its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

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


def feature_network(discriminator: keras.Model) -> keras.Model:
    """Return a network that shares the discriminator's layers and answers [feature, …, logits].

    The features are the outputs of its activation layers.

    Args:
        discriminator: a functional or sequential network.

    Raises:
        ValueError: if no activation layer is found in it.
    """
    features = [layer.output for layer in discriminator.layers if isinstance(layer, ACTIVATIONS)]
    if not features:
        raise ValueError(
            f"feature matching needs the activation layers of the discriminator, but '{discriminator.name}' has "
            "none of its own; use another discriminator or leave the loss out"
        )
    return keras.Model(discriminator.input, [*features, discriminator.output])
