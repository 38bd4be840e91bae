"""Learning rates that follow the figures of a training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import keras
from tqdm import tqdm

from zoo.notebook.kernel import told_to
from zoo.runs.formatting import number
from zoo.runs.history import FIXED, read_history
from zoo.schedules import FigureSchedule, require_figure


class LearningRates(keras.callbacks.Callback):
    """Gives players the learning rates that their schedules draw from the history, before each epoch.

    The history is all that the rates depend on, so that a resumed training goes on with the rate it would have had.
    Rows of epochs that are trained again do not count. A line is written when a rate falls.

    Args:
        schedules: the players whose rates follow figures; their optimizers hold the rate as a variable.
        history: the CSV file that `HistoryFile`, a callback before this one, writes.
        stream: where to write; see `told_to` if None.

    Raises:
        ZooError: from `fit`, after the first epoch with held-out figures, if a schedule watches none of its figures.
    """

    def __init__(
        self,
        schedules: Mapping[str, FigureSchedule],
        history: Path,
        *,
        stream: TextIO | None = None,
    ) -> None:
        super().__init__()
        self.schedules = dict(schedules)
        self.history = Path(history)
        self.stream = told_to() if stream is None else stream
        self._evaluated = False

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Note that the epoch has held-out figures."""
        self._evaluated = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Check that there is what the schedules watch."""
        if self._evaluated:
            for schedule in self.schedules.values():
                require_figure(schedule.monitor, logs or {})
        self._evaluated = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rates of the epoch."""
        # Here and not after an epoch: this is where it is known which epochs a resumed training has behind it.
        figures = _figures(self.history, epoch)
        fallen = []
        for player, schedule in self.schedules.items():
            optimizer = self.model.optimizer.players[player]
            before, rate = float(optimizer.learning_rate), schedule.rate(figures)
            optimizer.learning_rate = rate
            # The optimizer holds float32.
            if rate < before * (1 - 1e-6):
                fallen.append(f"{player} {number(rate)}, before {number(before)}")
        if fallen:
            # tqdm.write lifts a bar that is being drawn, writes, and draws the bar again below.
            tqdm.write(
                f"learning rates from epoch {epoch + 1} on: {'; '.join(fallen)}", file=self.stream
            )
            self.stream.flush()


def _figures(history: Path, epochs: int) -> list[dict[str, float]]:
    """Return what was logged in the epochs before one that is counted from 0."""
    rows = read_history(history) if history.is_file() else []
    return [
        {name: float(cell) for name, cell in row.items() if cell and name not in FIXED}
        for row in rows
        if int(row["epoch"]) <= epochs
    ]
