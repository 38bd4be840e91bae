"""Weights that do not move."""

from __future__ import annotations

import zlib
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.models.player import Player
from zoo.runs.formatting import number
from zoo.training.guards.reporter import Reporter


class WatchWeights(keras.callbacks.Callback):
    """Warns of a player whose weights are after an epoch what they were before it, bit for bit.

    Args:
        reporter: takes the warnings.
    """

    def __init__(self, reporter: Reporter) -> None:
        super().__init__()
        self.reporter = reporter
        self._before: dict[str, int] = {}

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Take the checksums of a training that begins."""
        if not self._before:
            self._before = self._checksums()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare, and keep the new checksums for the next epoch."""
        now = self._checksums()
        still = [player for player, checksum in now.items() if checksum == self._before[player]]
        self._before = now
        if not still:
            self.reporter.clear("frozen_weights")
            return
        told = "; ".join(self._reason(player) for player in still)
        self.reporter.warn(
            "frozen_weights",
            f"in epoch {epoch + 1} not all players learned: {told}",
            epoch=epoch + 1,
            step=int(self.model.optimizer.iterations),
        )

    def _checksums(self) -> dict[str, int]:
        return {name: checksum(player) for name, player in self.model.players.items()}

    def _reason(self, name: str) -> str:
        player: Player = self.model.players[name]
        if not player.weights:
            return f"'{name}' has no weights to train, as all of its layers are frozen"
        rate = float(ops.convert_to_numpy(self.model.optimizer.players[name].learning_rate))
        if rate == 0:
            return (
                f"the learning rate of '{name}' is 0; set optimizers.{name}.learning_rate, or another "
                "schedule"
            )
        return (
            f"the weights of '{name}' did not move though its learning rate is {number(rate)}, so that no gradient "
            "reaches them; see that its losses have weights above 0, and try the precision float32"
        )


def checksum(player: Player) -> int:
    """Return a checksum of the weights that a player trains."""
    value = 0
    for variable in player.weights:
        # One at a time: a copy of all of them may be more than there is memory.
        value = zlib.crc32(np.ascontiguousarray(ops.convert_to_numpy(variable.value)).data, value)
    return value
