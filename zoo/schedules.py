"""Courses of the learning rate over training."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field


def constant(learning_rate: float, steps_per_epoch: int, epochs: int) -> float:
    """The same learning rate throughout."""
    del steps_per_epoch, epochs
    return learning_rate


def linear_decay(
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
    *,
    decay: Annotated[float, Field(ge=0, le=1)] = 0.5,
) -> LinearDecay:
    """Constant at first, then linearly towards zero, one value an epoch.

    As in the pix2pix paper's training (arXiv 1611.07004): epoch `e`, counted from 0, has the factor
    `1 - max(0, e + 1 - constant) / (decaying + 1)`.

    Args:
        decay: share of the epochs in which the learning rate falls, 0 to 1; 0.5 is 100 of 200.
    """
    decaying = round(epochs * decay)
    return LinearDecay(learning_rate, steps_per_epoch, epochs - decaying, decaying)


@keras.saving.register_keras_serializable("zoo")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is constant for some epochs and then falls linearly towards zero.

    Args:
        learning_rate: at the start.
        steps_per_epoch: steps in an epoch; the rate changes between epochs only.
        constant_epochs: epochs with the full rate.
        decaying_epochs: epochs in which it falls; one more would reach zero.
    """

    def __init__(
        self, learning_rate: float, steps_per_epoch: int, constant_epochs: int, decaying_epochs: int
    ) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.steps_per_epoch = steps_per_epoch
        self.constant_epochs = constant_epochs
        self.decaying_epochs = decaying_epochs

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step, counted from 0."""
        epoch = ops.floor(ops.cast(step, "float32") / self.steps_per_epoch)
        late = ops.maximum(0.0, epoch + 1.0 - self.constant_epochs)
        factor = 1.0 - late / (self.decaying_epochs + 1.0)
        return self.learning_rate * ops.maximum(factor, 0.0)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "learning_rate": self.learning_rate,
            "steps_per_epoch": self.steps_per_epoch,
            "constant_epochs": self.constant_epochs,
            "decaying_epochs": self.decaying_epochs,
        }
