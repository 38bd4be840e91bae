"""What a recipe hands to a model: networks to build, losses with weights, and how to translate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras

from zoo.errors import ConflictError
from zoo.losses.adversarial import AdversarialLoss
from zoo.losses.penalties import Penalty

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Inference:
    """How a trained generator translates; every output of a run follows it.

    Args:
        dropout: whether dropout stays on, as in the pix2pix paper.
        statistics: `running` normalises by the averages of training; `picture` normalises each picture by
            its own statistics, which is what the paper's batch norm does with one picture at a time.
        ema: momentum of a moving average of the generator's weights, which then translates in place of the
            weights themselves, 0 to 1; 0 keeps no average.
    """

    dropout: bool = False
    statistics: Literal["running", "picture"] = "running"
    ema: float = 0.0


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
class WeightedPenalty:
    """A penalty on the discriminator with its weight.

    Args:
        name: the penalty is logged as `discriminator_<name>`.
        penalty: called with (judge, real, fake, random).
        weight: its factor in the discriminator's objective; the log includes it.
    """

    name: str
    penalty: Penalty
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
        penalties: what is added to the discriminator's objective.
        inference: how the trained generator translates.
        paired: whether source and target of an example show the same place.
    """

    source_shape: Shape
    target_shape: Shape
    generator: Callable[[Shape, int], keras.Model]
    discriminator: Callable[[Shape], keras.Model]
    adversarial: AdversarialLoss
    adversarial_weight: float = 1.0
    reconstruction: tuple[WeightedLoss, ...] = ()
    penalties: tuple[WeightedPenalty, ...] = ()
    inference: Inference = Inference()
    paired: bool = True


def refuse_unpaired(parts: Parts, model: str) -> None:
    """Refuse data whose sources and targets show different places.

    Args:
        parts: what a recipe hands to the model.
        model: name of the model that needs pairs.

    Raises:
        ConflictError: if they are unpaired.
    """
    if not parts.paired:
        raise ConflictError(
            f"{model} compares every fake with the target of its own source, but the dataset is unpaired: its sources "
            "and targets show different things; use the model cyclegan, as the recipe earth_cyclegan does, "
            "or paired data",
            "dataset",
        )
