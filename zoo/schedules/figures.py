"""Schedules that follow the figures of a training, which no function of the step can know."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol, runtime_checkable

from pydantic import Field

from zoo.errors import ZooError, nearest


@runtime_checkable
class FigureSchedule(Protocol):
    """A course of the learning rate that depends on what the epochs so far have brought.

    Plugins import it as `zoo.FigureSchedule`.
    It keeps no state: whoever resumes a training with its history gets the same rates.
    """

    learning_rate: float
    """At the start."""
    monitor: str
    """The figure that it watches, a column of the history."""

    def rate(self, figures: Sequence[Mapping[str, float]]) -> float:
        """Return the learning rate of the next epoch.

        Args:
            figures: what was logged, one mapping for each finished epoch; epochs without held-out figures have none.
        """
        ...


class Plateau:
    """Lower the learning rate when a figure has stopped getting better.

    Args:
        learning_rate: at the start.
        monitor: the figure.
        mode: whether a lower or a higher figure is better.
        factor: what the rate is multiplied by.
        patience: figures in a row without an improvement that are borne; one more, and the rate falls.
        threshold: share of the best figure by which a better one must differ from it.
        minimum: what the rate never falls below.

    Raises:
        ValueError: if the minimum is above the rate at the start.
    """

    def __init__(
        self,
        learning_rate: float,
        *,
        monitor: str,
        mode: Literal["min", "max"],
        factor: float,
        patience: int,
        threshold: float,
        minimum: float,
    ) -> None:
        if minimum > learning_rate:
            raise ValueError(
                f"the minimum of the learning rate is {minimum:g}, but it starts at {learning_rate:g}; "
                "expected a minimum that is not above the start"
            )
        self.learning_rate = learning_rate
        self.monitor = monitor
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.minimum = minimum

    def rate(self, figures: Sequence[Mapping[str, float]]) -> float:
        """Return the learning rate of the next epoch.

        Args:
            figures: what was logged, one mapping for each finished epoch; epochs without the figure do not count.
        """
        sign = 1.0 if self.mode == "min" else -1.0
        watched = [sign * logs[self.monitor] for logs in figures if self.monitor in logs]
        rate, best, waited = self.learning_rate, math.inf, 0
        for figure in watched:
            # The first figure, and one after a NaN, is always the best yet.
            if not best < math.inf or best - figure > self.threshold * abs(best):
                best, waited = figure, 0
            else:
                waited += 1
            if waited > self.patience:
                rate, waited = max(rate * self.factor, self.minimum), 0
        return rate


def plateau(
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
    *,
    monitor: str = "val_l1",
    mode: Literal["min", "max"] = "min",
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.2,
    patience: Annotated[int, Field(ge=0)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.01,
    minimum: Annotated[float, Field(ge=0)] = 0.0,
) -> Plateau:
    """Lower by a factor when a figure has stopped getting better; the defaults are those of the pix2pix authors' code.

    Args:
        monitor: the figure, a column of the run's history: `val_` and a metric's name, or a loss's name.
        mode: `min` if a lower figure is better, `max` if a higher one is.
        factor: what the learning rate is multiplied by.
        patience: figures in a row without an improvement that are borne; one more, and the learning rate falls.
        threshold: share of the best figure by which the next must be better to count as an improvement.
        minimum: what the learning rate never falls below.
    """
    del steps_per_epoch, epochs
    return Plateau(
        learning_rate,
        monitor=monitor,
        mode=mode,
        factor=factor,
        patience=patience,
        threshold=threshold,
        minimum=minimum,
    )


def require_figure(monitor: str, names: Iterable[str], watcher: str = "the schedule") -> None:
    """Check that a figure that is watched is there.

    Args:
        monitor: the figure.
        names: the figures that there are after an epoch with held-out figures.
        watcher: who watches it, for the error.

    Raises:
        ZooError: if it is not among them.
    """
    known = sorted(names)
    if monitor not in known:
        raise ZooError(
            f"{watcher} watches '{monitor}', but the figures of this training are {', '.join(known)}."
            f"{nearest(monitor, known)}"
        )
