"""The report of a run, while it is trained."""

from __future__ import annotations

from typing import Any

import keras

from zoo.report.report import Report


class ReportFile(keras.callbacks.Callback):
    """Writes `report.html` before the first epoch and after each; belongs after the callbacks whose files it shows.

    Args:
        report: encodes each picture once, for as long as it lives.
    """

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Write what there is."""
        self.report.write()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write what the epoch has brought."""
        self.report.write()
