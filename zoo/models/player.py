"""Players: who learns what in a step of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

Batch = Mapping[str, Any]
Fakes = dict[str, Any]
Losses = tuple[Any, dict[str, Any]]


@dataclass(frozen=True)
class Player:
    """Networks that one optimizer updates, and what they want.

    Args:
        networks: what is updated.
        losses: called with (batch, fakes); returns the objective to minimise, a scalar, and named scalars for the logs.
        generates: whether the networks make what the model's `generate` returns. Such a player's objective is
            differentiated by the fakes, and their gradient pulled back to the weights, so that the networks run
            forward once a step; `losses` may use the networks of other players, but not its own. Every other player
            gets the fakes as constants and is differentiated by its weights.
        updates: updates a step, each by its own share of the batch; the last share is common to all players.
        shown: called with (batch, fakes) before `losses`, with constants; returns the fakes that this player sees, as
            older ones from an image pool. Of no use to a player that generates.
    """

    networks: Sequence[keras.Model]
    losses: Callable[[Batch, Fakes], Losses]
    generates: bool = False
    updates: int = 1
    shown: Callable[[Batch, Fakes], Fakes] | None = None

    @property
    def weights(self) -> list[keras.Variable]:
        """What its optimizer updates."""
        return [variable for network in self.networks for variable in network.trainable_variables]

    @property
    def in_float16(self) -> bool:
        """Whether a layer computes in float16, so that small gradients would vanish without loss scaling."""
        return any(
            layer.compute_dtype == "float16"
            for network in self.networks
            for layer in network._flatten_layers()
        )


def refuse_shared(players: Mapping[str, Player]) -> None:
    """Refuse players of which two would update the same weight.

    Args:
        players: by their names.

    Raises:
        ValueError: with the two and the weight.
    """
    owners: dict[int, str] = {}
    for name, player in players.items():
        for variable in player.weights:
            owner = owners.setdefault(id(variable), name)
            if owner != name:
                raise ValueError(
                    f"the players '{owner}' and '{name}' would both update the weight {variable.path}; "
                    "a network belongs to one player"
                )
