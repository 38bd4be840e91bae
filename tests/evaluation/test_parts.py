"""The parts of an evaluation: intervals, where errors are, which pictures are shown."""

from __future__ import annotations

import numpy as np
import pytest

from zoo.evaluation.bootstrap import percentile_interval, resampled_totals
from zoo.evaluation.error_maps import ErrorMaps
from zoo.evaluation.examples import choose


def test_intervals_of_a_mean_are_those_of_theory() -> None:
    values = np.random.default_rng(0).normal(5, 2, 400)
    sums = np.stack([values, np.ones(400)], axis=1)
    totals = resampled_totals(sums)
    assert totals.shape == (1000, 2)
    assert (totals[:, 1] == 400).all()
    low, high = percentile_interval(totals[:, 0] / totals[:, 1]) or (0, 0)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)
    # The draws are the same each time.
    assert np.array_equal(totals, resampled_totals(sums))
    assert percentile_interval(np.full(10, np.nan)) is None


def test_nineteen_of_twenty_intervals_hold_the_true_mean() -> None:
    random = np.random.default_rng(1)
    inside = 0
    for _ in range(60):
        values = random.exponential(1, 60)
        low, high = percentile_interval(resampled_totals(values[:, None])[:, 0] / 60) or (0, 0)
        inside += low <= 1 <= high
    assert 0.88 <= inside / 60 < 1


def test_errors_by_position_and_brightness() -> None:
    maps = ErrorMaps((32, 40))
    target = np.full((2, 32, 40, 3), -1, "float32")
    target[1] = 0.5
    translated = target.copy()
    translated[:, :2, 38:] += 0.4
    translated[0, 10:] += 1.0
    mask = np.ones((2, 32, 40, 1), "float32")
    mask[0, 10:] = 0
    maps.add(target[:1], translated[:1], mask[:1])
    maps.add(target[1:], translated[1:], None)
    found = maps.by_position()
    assert (found["rows"], found["columns"]) == (16, 16)
    values = np.array(found["values"])
    assert values.shape == (16, 16)
    assert values[0, 15] == pytest.approx(0.4, abs=1e-6)
    assert values.sum() == pytest.approx(0.4, abs=1e-6)
    brightness = maps.by_brightness()
    assert brightness["edges"] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    assert brightness["values"][0] == pytest.approx(0.4 * 4 / 400, abs=1e-6)
    assert brightness["values"][7] == pytest.approx(0.4 * 4 / 1280, abs=1e-6)
    assert [value for value in brightness["values"] if value is None] == [None] * 8
    assert brightness["pictures"] == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_the_cells_of_pictures_that_sixteen_does_not_divide() -> None:
    maps = ErrorMaps((17, 5))
    target = np.zeros((1, 17, 5, 1), "float32")
    maps.add(target, target + np.arange(17, dtype="float32")[:, None, None], None)
    found = maps.by_position()
    assert (found["rows"], found["columns"]) == (16, 5)
    # The first cell has two rows.
    assert np.array(found["values"])[:, 0].tolist() == [0.5, *range(2, 17)]


RANKS = {
    1: ["best"],
    2: ["best", "worst"],
    3: ["best", "median", "worst"],
    7: ["best", "best", "median", "median", "worst", "worst"],
    20: ["best"] * 3 + ["median"] * 3 + ["worst"] * 3,
}


@pytest.mark.parametrize("count", RANKS)
def test_the_best_the_middling_and_the_worst(count: int) -> None:
    values = np.random.default_rng(count).permutation(count).astype(float)
    for better, sign in (("higher", -1), ("lower", 1)):
        chosen = choose(values, better, count)
        assert [rank for _, rank in chosen] == RANKS[count]
        indices = [index for index, _ in chosen]
        assert len(set(indices)) == len(indices)
        # From the best to the worst.
        assert sorted(indices, key=lambda index: sign * values[index]) == indices
    values[0] = np.nan
    if count > 1:
        assert 0 not in [index for index, _ in choose(values, "lower", count)]


def test_without_a_figure_they_are_spread() -> None:
    assert choose(None, None, 3) == [(0, "other"), (1, "other"), (2, "other")]
    assert len(choose(None, None, 100)) == 9
