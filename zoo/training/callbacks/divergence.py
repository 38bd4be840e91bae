"""Stopping a training whose losses are no numbers any more."""

from __future__ import annotations

from typing import Any

import keras

from zoo.errors import ZooError


class StopOnNaN(keras.callbacks.Callback):
    """Stops at the first step with a NaN in its logs, and raises at the end of that epoch.

    Callbacks before this one still handle the broken epoch; those after it do not, so whatever
    saves weights or pictures belongs after it and never replaces good ones with broken ones.

    Raises:
        ZooError: from `fit`, with the losses, the step and the epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self._problem: str | None = None
        self._epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier training."""
        self._problem = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the step's logs."""
        # A NaN is the one number that differs from itself; this costs under a microsecond.
        broken = [name for name, value in (logs or {}).items() if value != value]
        if broken and self._problem is None:
            names = " and ".join(f"'{name}'" for name in broken)
            self._problem = (
                f"{names} became NaN in step {batch + 1} of epoch {self._epoch + 1}: "
                "training has diverged; "
                "try a lower learning rate, smaller loss weights, or the precision float32"
            )
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise what was found in the epoch."""
        if self._problem is not None:
            raise ZooError(self._problem)
