"""Adversarial objectives: what the discriminator and the generator want of the logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol

import keras
from keras import ops
from pydantic import Field


class AdversarialLoss(Protocol):
    """What both players want; pure: logits of any shape in, scalars out.

    Plugins import it as `zoo.AdversarialLoss`. It gets one tensor at a time: the outputs of a discriminator that has
    several are averaged by `over_outputs`.
    To be saved inside a model it needs `get_config` and
    `keras.saving.register_keras_serializable`, as Keras's own losses do.
    """

    def discriminator(self, real_logits: Any, fake_logits: Any) -> tuple[Any, Any]:
        """Return the discriminator's loss on real and on fake pictures; it wants both small."""
        ...

    def generator(self, fake_logits: Any) -> Any:
        """Return the generator's loss on fakes."""
        ...


def over_outputs(loss: Callable[..., Any], *logits: Any) -> Any:
    """Return a loss of a discriminator's logits; of several outputs, as of several scales, the mean.

    pix2pixHD adds its scales up instead: there the objective weighs as often as there are scales
    (https://arxiv.org/abs/1711.11585).

    Args:
        loss: called with logits; returns a scalar, or a tuple of scalars.
        logits: what the discriminator answered to one batch or more: a tensor, or a list of as many as it has outputs.
    """
    if not isinstance(logits[0], list | tuple):
        return loss(*logits)
    results = [loss(*each) for each in zip(*logits, strict=True)]
    if isinstance(results[0], tuple):
        return tuple(sum(terms) / len(results) for terms in zip(*results, strict=True))
    return sum(results) / len(results)


@keras.saving.register_keras_serializable(package="zoo")
class Vanilla:
    """Binary cross-entropy on logits, the generator's in the non-saturating form.

    Source: https://arxiv.org/abs/1406.2661.

    Args:
        label_smoothing: how far below 1 the discriminator's target for real pictures lies, 0 to 1
            (one-sided, https://arxiv.org/abs/1606.03498).
    """

    def __init__(self, label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def discriminator(self, real_logits: Any, fake_logits: Any) -> tuple[Any, Any]:
        """Return the cross-entropy of real logits against 1 and of fake logits against 0."""
        # softplus(-x) + s x is the cross-entropy against 1 - s, with no logarithm of a rounded zero.
        real = ops.softplus(-real_logits) + self.label_smoothing * real_logits
        return ops.mean(real), ops.mean(ops.softplus(fake_logits))

    def generator(self, fake_logits: Any) -> Any:
        """Return the cross-entropy of fake logits against 1."""
        return ops.mean(ops.softplus(-fake_logits))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"label_smoothing": self.label_smoothing}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Vanilla:
        """Create it from its arguments."""
        return cls(**config)


@keras.saving.register_keras_serializable(package="zoo")
class LeastSquares:
    """Squared distance of the logits from 1 for real and 0 for fake pictures (LSGAN).

    Source: https://arxiv.org/abs/1611.04076; CycleGAN's objective.

    Args:
        label_smoothing: how far below 1 the discriminator's target for real pictures lies, 0 to 1
            (one-sided, https://arxiv.org/abs/1606.03498).
    """

    def __init__(self, label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def discriminator(self, real_logits: Any, fake_logits: Any) -> tuple[Any, Any]:
        """Return the mean squares of real logits from 1 and of fake logits from 0."""
        real = ops.square(real_logits - (1.0 - self.label_smoothing))
        return ops.mean(real), ops.mean(ops.square(fake_logits))

    def generator(self, fake_logits: Any) -> Any:
        """Return the mean square of fake logits from 1."""
        return ops.mean(ops.square(fake_logits - 1.0))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"label_smoothing": self.label_smoothing}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LeastSquares:
        """Create it from its arguments."""
        return cls(**config)


@keras.saving.register_keras_serializable(package="zoo")
class Hinge:
    """The discriminator wants real logits above 1 and fake ones below -1; the generator wants high logits.

    Source: https://arxiv.org/abs/1705.02894; with spectral norm https://arxiv.org/abs/1802.05957.
    """

    def discriminator(self, real_logits: Any, fake_logits: Any) -> tuple[Any, Any]:
        """Return how far real logits lie below 1 and fake logits above -1."""
        return ops.mean(ops.relu(1.0 - real_logits)), ops.mean(ops.relu(1.0 + fake_logits))

    def generator(self, fake_logits: Any) -> Any:
        """Return the negative mean of the fake logits."""
        return -ops.mean(fake_logits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments: none."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Hinge:
        """Create it from its arguments."""
        return cls(**config)
