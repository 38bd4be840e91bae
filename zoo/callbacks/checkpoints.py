"""Saving networks and the state of training while it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from zoo.runs import BEST, LAST


class Checkpoints(keras.callbacks.Callback):
    """Writes `generator.keras`, `checkpoints/last.keras`, and `checkpoints/best.keras` when a figure is the best yet.

    `last.keras` is the whole compiled model: networks, optimizers, step and seeds. The two others are the generator
    alone, with the recipe's choice about inference in it; a model that translates both ways also has an
    `inverse_generator.keras`. Each file is replaced as a whole.

    Args:
        run: the run directory.
        every: epochs between saves; the last epoch and a stopped one are always saved.
        monitor: figure that decides which generator is the best; higher is better. Without it none is kept as such.
    """

    def __init__(self, run: Path, *, every: int = 1, monitor: str = "val_psnr") -> None:
        super().__init__()
        self.run = run
        self.every = every
        self.monitor = monitor
        self._best = float("-inf")
        self._saved_epoch = -1
        self._epoch = -1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save what is due."""
        self._epoch = epoch
        figure = (logs or {}).get(self.monitor, float("-inf"))
        if figure > self._best:
            self._best = figure
            self._save(self.model.inference_network, BEST)
        if (epoch + 1) % self.every == 0:
            self._save_all()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Save the last epoch if it was not due."""
        if self._saved_epoch != self._epoch:
            self._save_all()

    def _save_all(self) -> None:
        self._save(self.model, LAST)
        for name, network in self.model.translators.items():
            self._save(network, f"{name}.keras")
        self._saved_epoch = self._epoch

    def _save(self, model: keras.Model, name: str) -> None:
        path = self.run / name
        partial = path.with_name(f".{path.stem}.partial.keras")
        model.save(partial)
        partial.replace(path)
