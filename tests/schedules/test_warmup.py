import numpy as np
import pytest

from zoo.schedules import WarmUp, constant, cosine, linear_decay, step, warmed_up

FACTORIES = {
    "constant": lambda warmup: constant(1.0, 10, 20, warmup=warmup),
    "linear_decay": lambda warmup: linear_decay(1.0, 10, 20, decay=0.5, warmup=warmup),
    "step": lambda warmup: step(1.0, 10, 20, every=5, warmup=warmup),
    "cosine": lambda warmup: cosine(1.0, 10, 20, warmup=warmup),
}


def test_it_rises_along_a_line_that_starts_at_zero(rates):
    found = rates(constant(2.0, 10, 20, warmup=0.5), range(7))
    np.testing.assert_allclose(found, [0.4, 0.8, 1.2, 1.6, 2.0, 2.0, 2.0], rtol=1e-6)


def test_its_length_need_not_be_whole(rates):
    found = rates(WarmUp(1.0, 2.5), range(4))
    np.testing.assert_allclose(found, [0.4, 0.8, 1.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("name", FACTORIES)
def test_it_multiplies_the_course_and_leaves_the_rest_alone(name, rates):
    steps = np.arange(200)
    plain = FACTORIES[name](0)
    expected = np.ones(200) if isinstance(plain, float) else rates(plain, steps)
    expected = expected * np.minimum(1, (steps + 1) / 25)
    np.testing.assert_allclose(rates(FACTORIES[name](2.5), steps), expected, rtol=1e-5, atol=1e-7)


def test_no_warm_up_is_no_wrapper():
    assert warmed_up(2e-4, 0) == 2e-4
