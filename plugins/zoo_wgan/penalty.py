"""The gradient penalty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import keras
from keras import ops
from pydantic import Field

from zoo import Random, backend

# Keeps the square root differentiable where a gradient vanishes.
SMALLEST_SQUARE = 1e-12


@keras.saving.register_keras_serializable(package="zoo_wgan")
class GradientPenalty:
    """Mean squared distance of the critic's gradient norms from a target; WGAN-GP weighs it by 10.

    The norm is that of each picture's own gradient, over all of its pixels and channels; a conditional critic is
    differentiated by the picture, not by its source. On real pictures with target 0 and weight w it is the R1 penalty
    with gamma 2 w (https://arxiv.org/abs/1801.04406). Source: https://arxiv.org/abs/1704.00028.

    Args:
        samples: where the gradient is taken: `mixed` of a real and a fake picture, at a random share for each
            picture, as in the paper; `real` or `fake` pictures.
        sides: `two` pulls every norm to the target; `one` only those above it.
        target: the norm that is wanted.
    """

    figures = ("gradient_norm",)

    def __init__(
        self,
        samples: Literal["mixed", "real", "fake"] = "mixed",
        sides: Literal["two", "one"] = "two",
        target: Annotated[float, Field(ge=0)] = 1.0,
    ) -> None:
        self.samples = samples
        self.sides = sides
        self.target = target

    def __call__(
        self, judge: Callable[[Any], Any], real: Any, fake: Any, random: Random
    ) -> tuple[Any, dict[str, Any]]:
        """Return the penalty and the mean norm; see `zoo.Penalty`."""
        norms = gradient_norms(judge, self._pictures(real, fake, random))
        distance = norms - self.target
        if self.sides == "one":
            distance = ops.relu(distance)
        return ops.mean(ops.square(distance)), {"gradient_norm": ops.mean(norms)}

    def _pictures(self, real: Any, fake: Any, random: Random) -> Any:
        if self.samples != "mixed":
            return real if self.samples == "real" else fake
        share = ops.reshape(random.uniform(ops.shape(real)[0]), (-1, 1, 1, 1))
        return share * real + (1.0 - share) * fake

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"samples": self.samples, "sides": self.sides, "target": self.target}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> GradientPenalty:
        """Create it from its arguments."""
        return cls(**config)


# As the files of earlier versions name it.
keras.saving.get_custom_objects()["zoo>GradientPenalty"] = GradientPenalty


def gradient_norms(judge: Callable[[Any], Any], pictures: Any) -> Any:
    """Return the norm of the gradient of each picture's summed logits by the picture, (N,).

    Args:
        judge: pictures to logits; each picture's must depend on it alone.
        pictures: (N, H, W, C).
    """
    logits, pullback, _ = backend.vjp(lambda given: (judge(given), None), pictures)
    gradient = pullback(ops.ones_like(logits))
    return ops.sqrt(ops.sum(ops.square(gradient), axis=(1, 2, 3)) + SMALLEST_SQUARE)
