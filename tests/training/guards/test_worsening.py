from __future__ import annotations

import numpy as np
import pytest

from zoo.training.guards.worsening import Worsening, worsening


def series(figures):
    return list(enumerate(figures, start=1))


def test_a_figure_that_falls_for_long_is_seen_and_its_best_epoch_named() -> None:
    rising_then_falling = [15, 16, 17, 18, *np.arange(17.5, 13, -0.5)]
    found = [
        worsening(series(rising_then_falling[:end]), 12, higher_is_better=True)
        for end in range(1, 14)
    ]
    # From five epochs after the best one on.
    assert found[:8] == [None] * 8
    assert found[8:] == [Worsening(best=4, figure=18, ago=ago) for ago in range(5, 10)]


def test_lower_may_be_better() -> None:
    figures = series([0.3, 0.1, 0.2, 0.22, 0.24, 0.26, 0.28])
    assert worsening(figures, 7, higher_is_better=False) == Worsening(2, 0.1, 5)
    rising = [(epoch, -figure) for epoch, figure in figures]
    assert worsening(rising, 7, higher_is_better=True) == Worsening(2, -0.1, 5)
    assert worsening(figures[1:], 7, higher_is_better=True) is None


def test_a_long_training_is_given_a_quarter_of_its_epochs() -> None:
    figures = series([20, *np.linspace(19, 18, 40)])
    assert worsening(figures[:40], 160, higher_is_better=True) is None
    assert worsening(figures, 160, higher_is_better=True) == Worsening(1, 20, 40)


def test_epochs_without_figures_count() -> None:
    every_third = [(epoch, 20 - epoch / 10) for epoch in range(3, 13, 3)]
    assert worsening(every_third, 12, higher_is_better=True) == Worsening(3, 19.7, 9)
    assert worsening(every_third[:3], 12, higher_is_better=True) is None
    assert worsening([], 12, higher_is_better=True) is None


def test_what_stays_the_same_does_not_get_worse() -> None:
    assert worsening(series([18.0] * 30), 30, higher_is_better=True) is None
    # One early peak, as of a training whose adversarial loss begins to work.
    peak = [16.02, 17.16, 16.58, 16.72, 16.84, 16.88, 16.80, 16.77, 16.81]
    for end in range(1, 10):
        assert worsening(series(peak[:end]), 9, higher_is_better=True) is None


def test_a_plateau_is_no_worsening() -> None:
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        climb = 18 - 4 * np.exp(-np.arange(60) / 6)
        figures = series((climb + random.normal(0, 0.1, 60)).tolist())
        alarms += any(worsening(figures[:end], 60, higher_is_better=True) for end in range(1, 61))
    assert alarms <= 2


@pytest.mark.parametrize("fall", [0.02, 0.05])
def test_a_slow_fall_is_seen_through_noise(fall) -> None:
    random = np.random.default_rng(1)
    figures = 18 - fall * np.arange(60) + random.normal(0, 0.1, 60)
    assert worsening(series(figures.tolist()), 60, higher_is_better=True) is not None
