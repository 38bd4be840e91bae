"""A player's optimizer as Keras's callbacks see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


class PlayerView:
    """What `ReduceLROnPlateau`, `LearningRateScheduler`, `SwapEMAWeights` and `TensorBoard` ask of one optimizer.

    Everything else is that of the player's own optimizer, below a loss scale if it has one.

    Args:
        name: of the player; the callbacks log `learning_rate_generator`, and so on.
        players: the optimizers of all players.
    """

    def __init__(self, name: str, players: Mapping[str, keras.optimizers.Optimizer]) -> None:
        self.name = name
        self._players = players

    @property
    def _inner(self) -> keras.optimizers.Optimizer:
        return unscaled(self._players[self.name])

    def __getattr__(self, attribute: str) -> Any:
        """Return what the player's optimizer has."""
        return getattr(self._inner, attribute)

    @property
    def learning_rate(self) -> Any:
        """The player's learning rate.

        Raises:
            TypeError: if it is set to a number, but follows a schedule.
        """
        return self._inner.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        refuse_scheduled({self.name: self._inner}, rate)
        self._inner.learning_rate = rate

    @property
    def use_ema(self) -> bool:
        """Whether the optimizer keeps a moving average of the player's weights, which `SwapEMAWeights` needs.

        Raises:
            ValueError: if no player's optimizer does.
        """
        if not any(unscaled(optimizer).use_ema for optimizer in self._players.values()):
            raise ValueError(
                "no player's optimizer keeps a moving average for SwapEMAWeights; compile with an optimizer with "
                "use_ema=True, or leave the callback out and set inference.ema in the recipe (0.999): it keeps a "
                "moving average of the generators, and every output uses it"
            )
        return bool(self._inner.use_ema)


def unscaled(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Return the optimizer inside a `LossScaleOptimizer`, or itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def refuse_scheduled(optimizers: Mapping[str, keras.optimizers.Optimizer], rate: Any) -> None:
    """Refuse to set learning rates that follow a schedule.

    Args:
        optimizers: by the players' names.
        rate: what the rates are to become; another schedule may take the place of one.

    Raises:
        TypeError: if one of them follows a schedule and the new rate is a number.
    """
    if callable(rate):
        return
    for player, optimizer in optimizers.items():
        # Keras keeps the schedule here and shows only its current value.
        course = unscaled(optimizer)._learning_rate
        if isinstance(course, keras.optimizers.schedules.LearningRateSchedule):
            raise TypeError(
                f"the learning rate of the player '{player}' follows the schedule {type(course).__name__} and cannot "
                "be set; choose another course in the recipe's schedule.name (plateau, linear_decay, step or cosine), "
                "or schedule.name: constant if a Keras callback is to set it"
            )
