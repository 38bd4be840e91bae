"""Schedules that know the learning rate from the step alone."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

from zoo.schedules.warmup import Rate, warmed_up

Epochs = Annotated[float, Field(ge=0)]


def constant(
    learning_rate: float, steps_per_epoch: int, epochs: int, *, warmup: Epochs = 0.0
) -> Rate:
    """The same learning rate throughout.

    Args:
        warmup: epochs, whole or not, in which the learning rate rises from zero, a little each step.
    """
    del epochs
    return warmed_up(learning_rate, warmup * steps_per_epoch)


def linear_decay(
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
    *,
    decay: Annotated[float, Field(ge=0, le=1)] = 0.5,
    warmup: Epochs = 0.0,
) -> Rate:
    """Constant at first, then linearly towards zero, one value an epoch.

    As in the pix2pix paper's training (arXiv 1611.07004): epoch `e`, counted from 0, has the factor
    `1 - max(0, e + 1 - constant) / (decaying + 1)`.

    Args:
        decay: share of the epochs in which the learning rate falls, 0 to 1; 0.5 is 100 of 200.
        warmup: epochs, whole or not, in which the learning rate rises from zero, a little each step.
    """
    decaying = round(epochs * decay)
    course = LinearDecay(learning_rate, steps_per_epoch, epochs - decaying, decaying)
    return warmed_up(course, warmup * steps_per_epoch)


def step(
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
    *,
    every: Annotated[int, Field(ge=1)] = 50,
    factor: Annotated[float, Field(gt=0, le=1)] = 0.1,
    warmup: Epochs = 0.0,
) -> Rate:
    """Lower by a factor every so many epochs; the defaults are those of the pix2pix authors' code.

    Args:
        every: epochs between two falls.
        factor: what the learning rate is multiplied by at each fall.
        warmup: epochs, whole or not, in which the learning rate rises from zero, a little each step.
    """
    del epochs
    course = StepDecay(learning_rate, steps_per_epoch, every, factor)
    return warmed_up(course, warmup * steps_per_epoch)


def cosine(
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
    *,
    final: Annotated[float, Field(ge=0, le=1)] = 0.0,
    warmup: Epochs = 0.0,
) -> Rate:
    """Half a cosine wave down over all epochs, a little each step.

    The factor is `final + (1 - final) (1 + cos(π t)) / 2` where `t` is the share of the training that is done
    (arXiv 1608.03983, without restarts). At the first step of an epoch it is what a schedule by epochs has.

    Args:
        final: share of the learning rate that is reached after the last step, 0 to 1.
        warmup: epochs, whole or not, in which the learning rate rises from zero, a little each step.
    """
    course = keras.optimizers.schedules.CosineDecay(
        learning_rate, decay_steps=steps_per_epoch * epochs, alpha=final
    )
    return warmed_up(course, warmup * steps_per_epoch)


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
        late = ops.maximum(0.0, _epoch(step, self.steps_per_epoch) + 1.0 - self.constant_epochs)
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


@keras.saving.register_keras_serializable("zoo")
class StepDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is multiplied by a factor every so many epochs.

    Args:
        learning_rate: at the start.
        steps_per_epoch: steps in an epoch.
        every: epochs between two falls.
        factor: what the rate is multiplied by at each fall.
    """

    def __init__(
        self, learning_rate: float, steps_per_epoch: int, every: int, factor: float
    ) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.steps_per_epoch = steps_per_epoch
        self.every = every
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step, counted from 0."""
        falls = _epoch(step, self.steps_per_epoch * self.every)
        return self.learning_rate * ops.power(self.factor, falls)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "learning_rate": self.learning_rate,
            "steps_per_epoch": self.steps_per_epoch,
            "every": self.every,
            "factor": self.factor,
        }


def _epoch(step: Any, length: int) -> Any:
    """Return how many times `length` steps are over, as a float tensor."""
    # In whole numbers: TensorFlow and XLA multiply by 1 / length instead of dividing, and for some lengths (110, 1177)
    # the rounded-down product is one epoch behind at an epoch's first step. Keras's own ExponentialDecay is, too.
    return ops.cast(ops.floor_divide(ops.cast(step, "int32"), length), "float32")
