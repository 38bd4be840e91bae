import re

import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.schedules import FigureSchedule, plateau, require_figure


def rates(schedule, figures):
    """The rate of every epoch and of the one after the last."""
    return [schedule.rate(figures[:done]) for done in range(len(figures) + 1)]


def logs(*values, name="val_l1"):
    return [{name: value} for value in values]


def test_it_falls_after_more_bad_figures_than_it_bears():
    schedule = plateau(1.0, 10, 20, patience=1, factor=0.5)
    assert isinstance(schedule, FigureSchedule)
    assert schedule.learning_rate == 1.0
    assert rates(schedule, logs(0.3, 0.2, 0.2, 0.2, 0.2, 0.2)) == [1, 1, 1, 1, 0.5, 0.5, 0.25]


def test_an_improvement_begins_the_count_anew():
    schedule = plateau(1.0, 10, 20, patience=1, factor=0.5)
    assert rates(schedule, logs(0.3, 0.3, 0.2, 0.2, 0.1, 0.1))[-1] == 1


def test_an_improvement_below_the_threshold_is_none():
    schedule = plateau(1.0, 10, 20, patience=0, factor=0.5, threshold=0.1)
    assert rates(schedule, logs(1.0, 0.95, 0.91))[-1] == 0.25
    assert rates(schedule, logs(1.0, 0.89, 0.79))[-1] == 1


def test_higher_may_be_better():
    schedule = plateau(1.0, 10, 20, monitor="val_psnr", mode="max", patience=0, factor=0.5)
    assert rates(schedule, logs(10, 11, 12, 12, name="val_psnr")) == [1, 1, 1, 1, 0.5]


def test_negative_figures_can_improve_too():
    schedule = plateau(1.0, 10, 20, monitor="loss", patience=0, factor=0.5, threshold=0.1)
    assert rates(schedule, logs(-1, -1.2, -1.25, name="loss")) == [1, 1, 1, 0.5]


def test_it_never_falls_below_the_minimum():
    schedule = plateau(1.0, 10, 20, patience=0, factor=0.1, minimum=0.05)
    assert rates(schedule, logs(1, 1, 1, 1))[-3:] == [0.1, 0.05, 0.05]


def test_epochs_without_the_figure_do_not_count():
    schedule = plateau(1.0, 10, 20, patience=1, factor=0.5)
    every = logs(0.2, 0.2, 0.2)
    other = {"generator_l1": 1.0}
    seldom = [other, every[0], other, every[1], other, every[2], other]
    assert schedule.rate(seldom) == schedule.rate(every) == 0.5
    assert schedule.rate([]) == schedule.rate([other]) == 1


def test_a_broken_figure_is_no_improvement_and_no_best():
    nan = float("nan")
    schedule = plateau(1.0, 10, 20, patience=0, factor=0.5)
    assert schedule.rate(logs(0.2, nan)) == 0.5
    assert schedule.rate(logs(nan, 0.2, 0.1)) == 1


def test_it_equals_pytorchs():
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(0)
    for mode in ("min", "max"):
        # The defaults are the reference's: factor 0.2, patience 5, threshold 0.01.
        schedule = plateau(2e-4, 10, 200, mode=mode)
        weight = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([weight], lr=2e-4)
        # Its own eps leaves out falls that are tiny; ours are all made.
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode=mode, factor=0.2, patience=5, threshold=0.01, eps=0
        )
        figures = list(np.exp(-np.arange(60) / 20) + random.normal(0, 0.1, 60))
        expected = [2e-4]
        for figure in figures:
            theirs.step(figure)
            expected.append(optimizer.param_groups[0]["lr"])
        assert rates(schedule, logs(*figures)) == pytest.approx(expected)
        assert expected[-1] < 2e-4


def test_a_minimum_above_the_start_is_refused():
    message = (
        "the minimum of the learning rate is 0.001, but it starts at 0.0002; "
        "expected a minimum that is not above the start"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plateau(2e-4, 10, 20, minimum=1e-3)


def test_a_figure_that_is_not_there_is_told_with_those_that_are():
    require_figure("val_l1", ["generator_l1", "val_l1"])
    message = (
        "the schedule watches 'val_l1', but the figures of this training are generator_l1, val_psnr. "
        "Did you mean 'val_psnr'?"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        require_figure("val_l1", ["val_psnr", "generator_l1"])
