"""What a recipe hands to a model: networks to build, losses with weights, and how to translate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras

from zoo.losses.adversarial import AdversarialLoss

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Inference:
    """How a trained generator translates; every output of a run follows it.

    Args:
        dropout: whether dropout stays on, as in the pix2pix paper.
        statistics: `running` normalises by the averages of training; `picture` normalises each picture by
            its own statistics, which is what the paper's batch norm does with one picture at a time.
    """

    dropout: bool = False
    statistics: Literal["running", "picture"] = "running"


@dataclass(frozen=True)
class WeightedLoss:
    """A reconstruction loss with its weight.

    Args:
        name: the loss is logged as `generator_<name>`.
        loss: called with (target, fake).
        weight: its factor in the generator's objective; the log includes it.
    """

    name: str
    loss: keras.losses.Loss
    weight: float


@dataclass(frozen=True)
class Parts:
    """What a model's factory assembles.

    Args:
        source_shape: (H, W, C) of the source pictures.
        target_shape: (H, W, C) of the target pictures.
        generator: called with (input_shape, output_channels); a new network at each call.
        discriminator: called with (input_shape); a new network at each call.
        adversarial: the adversarial objective.
        adversarial_weight: its factor in the generator's objective.
        reconstruction: losses between fake and target.
        inference: how the trained generator translates.
    """

    source_shape: Shape
    target_shape: Shape
    generator: Callable[[Shape, int], keras.Model]
    discriminator: Callable[[Shape], keras.Model]
    adversarial: AdversarialLoss
    adversarial_weight: float = 1.0
    reconstruction: tuple[WeightedLoss, ...] = ()
    inference: Inference = Inference()
