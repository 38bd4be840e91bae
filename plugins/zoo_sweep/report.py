"""The callback that reports a trial's figure after each epoch, and ends the trial if others do better."""

from __future__ import annotations

import os
from typing import Any

import zoo
from zoo import Experiment, Run, ZooError, nearest
from zoo_sweep.study import Taken, note_start


class WrongFigureError(ZooError):
    """A sweep watches what no trial of it will ever measure."""


class Report(zoo.RunCallback):
    """Reports the watched figure of each whole epoch to the study.

    Args:
        taken: the trial.
        monitor: the figure, as the logs name it.

    Attributes:
        pruned: whether the study's pruner ended the trial.
        abandoned: whether the process that had started this one is gone, so that training was stopped.
    """

    def __init__(self, taken: Taken, monitor: str) -> None:
        super().__init__()
        self.taken = taken
        self.monitor = monitor
        self.pruned = False
        self.abandoned = False
        self._parent = os.getppid()
        self._steps_per_epoch = 0
        self._every = 1
        self._reported: set[int] = set()

    def on_run_begin(self, run: Run, experiment: Experiment) -> None:
        """Note in the study which run this is, and where it starts."""
        self._steps_per_epoch = experiment.steps_per_epoch
        self._every = experiment.recipe.sections.evaluation.every
        self.taken.trial.set_user_attr("run", run.path.name)
        note_start(self.taken, int(experiment.model.optimizer.iterations))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop if the sweep was killed: another one would train the next trial beside this."""
        if os.getppid() != self._parent:
            self.abandoned = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Report the epoch, and stop if the pruner says so."""
        if int(self.model.optimizer.iterations) != (epoch + 1) * self._steps_per_epoch:
            return
        figures = logs or {}
        if self.monitor not in figures:
            if (epoch + 1) % self._every == 0:
                raise WrongFigureError(
                    f"--monitor {self.monitor}: the figures of this training are {', '.join(sorted(figures))}."
                    f"{nearest(self.monitor, figures)}"
                )
            return
        trial = self.taken.trial
        trial.report(float(figures[self.monitor]), epoch + 1)
        if trial.should_prune():
            self.pruned = True
            self.model.stop_training = True
