"""The guard rails that a recipe leaves on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from zoo.runs import files
from zoo.runs.run import Run
from zoo.training.callbacks.divergence import StopOnDivergence
from zoo.training.callbacks.samples import Listener
from zoo.training.experiment import Experiment
from zoo.training.guards.evidence import Evidence
from zoo.training.guards.history import WatchHistory
from zoo.training.guards.outputs import WatchOutputs
from zoo.training.guards.overlap import find_overlap
from zoo.training.guards.reporter import Reporter
from zoo.training.guards.weights import WatchWeights


@dataclass(frozen=True)
class Guards:
    """What looks on while a model is trained.

    Args:
        callbacks: belong after what writes the history, and before what saves weights or pictures.
        listeners: of the sample grids.
    """

    callbacks: Sequence[keras.callbacks.Callback]
    listeners: Sequence[Listener]


def guards_of(experiment: Experiment, run: Run, start: tuple[int, int]) -> Guards:
    """Return new guard rails for a training that begins, or goes on.

    Args:
        experiment: what is trained.
        run: where warnings are written.
        start: epoch and step that it goes on from, counted from 0.
    """
    reporter = _reporter(experiment, run)
    reporter.go_back(start[0])
    callbacks: list[keras.callbacks.Callback] = []
    if reporter.wants("diverged"):
        # First: what comes after it never replaces good weights with broken ones.
        evidence = Evidence(experiment, run, reporter)
        callbacks.append(StopOnDivergence(start=start, told=evidence))
    if reporter.wants("discriminator_too_strong", "worsening"):
        callbacks.append(WatchHistory(run.path, reporter, epochs=experiment.epochs))
    if reporter.wants("frozen_weights"):
        callbacks.append(WatchWeights(reporter))
    listeners: list[Listener] = []
    if reporter.wants("generator_collapsed", "identity_learned"):
        listeners.append(WatchOutputs(experiment.model, reporter))
    return Guards(callbacks, listeners)


def warn_of_overlap(experiment: Experiment, run: Run) -> None:
    """Warn, before training, of held-out pictures that are trained on too; takes a few seconds at most."""
    reporter = _reporter(experiment, run)
    if reporter.wants("overlap") and (overlap := find_overlap(experiment.dataset)):
        reporter.warn("overlap", overlap.message, epoch=0, step=0)


def _reporter(experiment: Experiment, run: Run) -> Reporter:
    off = experiment.recipe.sections.warnings.off
    return Reporter(run.path / files.WARNINGS, off=off)
