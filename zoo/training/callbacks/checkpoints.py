"""Saving networks and the state of training while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from zoo.runs.best import Mode, best_epoch, figures_by_epoch
from zoo.runs.files import BEST, LAST, save_network
from zoo.runs.history import read_history


class Checkpoints(keras.callbacks.Callback):
    """Writes `generator.keras`, `checkpoints/best.keras` when a figure is the best yet, and `checkpoints/last.keras`.

    `last.keras` is the whole compiled model: networks, optimizers, step and seeds. The two others are the generator
    alone, with the recipe's choice about inference in it; a model that translates both ways also has an
    `inverse_generator.keras`. Each file is replaced as a whole. `last.keras` comes last, and this callback after all
    others that write: whatever belongs to the epochs of a checkpoint is there when the checkpoint is.

    Which figure is the best so far is read from the history, so that a resumed training knows it, and compared as
    it is written there. An epoch that was stopped within is not compared: the rest of it is still to come.

    Args:
        run: the run directory.
        history: the CSV file that `HistoryFile`, a callback before this one, writes.
        steps_per_epoch: steps of a whole epoch.
        every: epochs between saves; the last epoch and a stopped one are always saved.
        monitor: figure that decides which generator is the best; without it none is kept as such.
        mode: whether a higher figure is better, or a lower one.
    """

    def __init__(
        self,
        run: Path,
        *,
        history: Path,
        steps_per_epoch: int,
        every: int = 1,
        monitor: str = "val_psnr",
        mode: Mode = "max",
    ) -> None:
        super().__init__()
        self.run = run
        self.history = history
        self.steps_per_epoch = steps_per_epoch
        self.every = every
        self.monitor = monitor
        self.mode = mode
        self._saved_epoch = -1
        self._epoch = -1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save what is due."""
        self._epoch = epoch
        whole = int(self.model.optimizer.iterations) % self.steps_per_epoch == 0
        if whole and self._is_best(epoch + 1):
            self._save(self.model.inference_network, BEST)
        if (epoch + 1) % self.every == 0:
            self._save_all()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Save the last epoch if it was not due."""
        if self._saved_epoch != self._epoch:
            self._save_all()

    def _is_best(self, epoch: int) -> bool:
        """Return whether an epoch, counted from 1, has the best figure of all so far, and no earlier one as good."""
        return (
            best_epoch(figures_by_epoch(read_history(self.history), self.monitor), self.mode)
            == epoch
        )

    def _save_all(self) -> None:
        save_networks(self.model.translators, self.run)
        self._save(self.model, LAST)
        self._saved_epoch = self._epoch

    def _save(self, model: keras.Model, name: str) -> None:
        save_network(model, self.run / name)


def save_networks(networks: Mapping[str, keras.Model], run: Path) -> None:
    """Write the networks that translate into a run directory, each as a whole.

    Args:
        networks: by the names of their files, as `TranslationModel.translators` has them.
        run: the run directory.
    """
    for name, network in networks.items():
        save_network(network, run / f"{name}.keras")
