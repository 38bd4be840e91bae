"""The history of a training as a CSV file: one row an epoch."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import keras

from zoo.runs.files import write_text
from zoo.runs.history import FIXED, read_history


class HistoryFile(keras.callbacks.Callback):
    """Writes `history.csv`: epoch (from 1), step, seconds, then the epoch's logs.

    The step is the optimizer's count; the seconds include what earlier sittings took, so both go
    on when training is resumed. Rows of epochs that are trained again are replaced. Columns keep
    their order; a new log gets a column at the end, and its earlier cells stay empty. The file is
    replaced as a whole at the end of each epoch, so that it is complete at any moment.

    Args:
        path: the file; an existing one is continued.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = Path(path)
        self._rows: list[dict[str, str]] = []
        self._columns: list[str] = []
        self._earlier = 0.0
        self._start = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Read the rows that are there already."""
        self._rows = read_history(self.path) if self.path.exists() else []
        self._columns = list(self._rows[0]) if self._rows else list(FIXED)
        self._earlier = float(self._rows[-1]["seconds"]) if self._rows else 0.0
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the epoch's row."""
        seconds = self._earlier + time.perf_counter() - self._start
        step = int(self.model.optimizer.iterations)
        row = {"epoch": str(epoch + 1), "step": str(step), "seconds": f"{seconds:.3f}"}
        row.update({name: f"{value:.7g}" for name, value in (logs or {}).items()})
        self._columns += [name for name in row if name not in self._columns]
        self._rows = [earlier for earlier in self._rows if int(earlier["epoch"]) <= epoch]
        self._rows.append(row)
        self._write()

    def _write(self) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self._columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self.path, text.getvalue())
