"""Callbacks that are told of the run that they look on, beside Keras's epochs and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    from zoo.runs.run import Run
    from zoo.training.experiment import Experiment


class RunCallback(keras.callbacks.Callback):
    """A callback that knows its run: the directory before the first step, the figures after the last.

    `zoo.train` and `zoo.resume` call the two methods; `fit` alone makes no run, and calls neither. While a model is
    trained, `history.csv` has the row of an epoch, and `samples/` its pictures, before `on_epoch_end` is called.
    `zoo train --track` adds such callbacks to a recipe.
    """

    def on_run_begin(self, run: Run, experiment: Experiment) -> None:
        """Look at the run before its first step.

        Args:
            run: which holds its recipe and environment and, if it is resumed, what it has written so far.
            experiment: the compiled model with its data.

        Raises:
            ZooError: to refuse the training before it begins.
        """

    def on_run_end(self, run: Run) -> None:
        """Look at the run after all that it writes, `metrics.json` and the report, has been written.

        Args:
            run: whose `metrics["status"]` says whether training was completed, was stopped or failed.
        """
