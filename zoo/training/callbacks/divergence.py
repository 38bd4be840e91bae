"""Stopping a training whose losses are no numbers any more."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.errors import ZooError


@dataclass(frozen=True)
class Divergence:
    """Where a training broke.

    Args:
        epoch: counted from 0.
        first: the first step of the epoch that it may have been, counted from 0.
        last: the last one: the same, unless several steps run in one call.
        terms: the losses that broke, each with `NaN` or `infinite`; empty if only weights did.
        players: whose weights broke; only looked for where the losses are still numbers.
    """

    epoch: int
    first: int
    last: int
    terms: Mapping[str, str] = field(default_factory=dict)
    players: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What became of what, and when, in one sentence with what to try."""
        told = []
        for word in ("NaN", "infinite"):
            names = [f"'{name}'" for name, broken in self.terms.items() if broken == word]
            if names:
                told.append(f"{' and '.join(names)} became {word}")
        if self.players:
            names = [f"'{name}'" for name in self.players]
            told.append(f"weights of {' and '.join(names)} became NaN or infinite")
        where = f"step {self.last + 1}"
        if self.first < self.last:
            where = f"one of the steps {self.first + 1} to {self.last + 1}"
        return (
            f"{' and '.join(told)} in {where} of epoch {self.epoch + 1}: training has diverged; try a lower learning "
            "rate, smaller loss weights, or the precision float32"
        )


class StopOnDivergence(keras.callbacks.Callback):
    """Stops at the first step whose logs hold a NaN or an infinity, and raises at the end of that epoch.

    Keras has turned the logs into Python's numbers for all callbacks already: to look at them waits for nothing.
    The last step of an epoch may break weights without a loss that shows it: at the end of every epoch the weights of
    all players are looked at too.

    Callbacks before this one still handle the broken epoch; those after it do not, so whatever
    saves weights or pictures belongs after it and never replaces good ones with broken ones.

    Args:
        start: epoch and step that the training goes on from, counted from 0.
        told: called before it raises; returns what is to be said beside.

    Raises:
        ZooError: from `fit`, with the losses, the step and the epoch.
    """

    def __init__(
        self,
        *,
        start: tuple[int, int] = (0, 0),
        told: Callable[[Divergence], str] | None = None,
    ) -> None:
        super().__init__()
        self.start = start
        self.told = told
        self._found: Divergence | None = None
        self._epoch = 0
        self._next = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier training."""
        self._found = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch, and the step that it begins with."""
        self._epoch = epoch
        self._next = self.start[1] if epoch == self.start[0] else 0
        self._before = self._next

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the step's logs."""
        first, self._next = self._next, self._before + batch + 1
        # Costs a microsecond.
        broken = {
            name: "NaN" if math.isnan(value) else "infinite"
            for name, value in (logs or {}).items()
            if not math.isfinite(value)
        }
        if broken and self._found is None:
            self._found = Divergence(self._epoch, first, self._next - 1, broken)
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise what was found in the epoch."""
        if self._found is None and (players := self._broken_players()):
            last = self._next - 1
            self._found = Divergence(epoch, last, last, players=players)
        if self._found is not None:
            beside = self.told(self._found) if self.told else ""
            raise ZooError(f"{self._found.message}{beside}")

    def _broken_players(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, player in getattr(self.model, "players", {}).items()
            if not all(_finite(variable) for variable in player.weights)
        )


def _finite(variable: keras.Variable) -> bool:
    return bool(np.isfinite(ops.convert_to_numpy(variable.value)).all())
