"""Penalties: what is added to a discriminator's objective to keep it smooth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from zoo.backend.random import Random


class Penalty(Protocol):
    """A penalty on a discriminator, such as a gradient penalty.

    Plugins import it as `zoo.Penalty`.
    It may differentiate the discriminator by its pictures with `zoo.backend.vjp`. To be saved inside a model it
    needs `get_config` and `keras.saving.register_keras_serializable`.
    """

    # What it logs besides its own value, as `discriminator_<name>`.
    figures: tuple[str, ...]

    def __call__(
        self, judge: Callable[[Any], Any], real: Any, fake: Any, random: Random
    ) -> tuple[Any, dict[str, Any]]:
        """Return the penalty, a scalar before its weight, and its figures.

        Args:
            judge: gives the discriminator's logits of pictures; a conditional one's source is bound to it.
            real: real pictures (N, H, W, C).
            fake: fake pictures of the same shape, as constants.
            random: numbers that are the same on every backend.
        """
        ...
