import numpy as np
import pytest

from zoo.tiling import TiledAxis


@pytest.mark.parametrize("length", [1, 2, 5, 16, 17, 20, 31, 32, 33, 100, 517])
@pytest.mark.parametrize("overlap", [0, 0.25, 0.5, 0.9])
def test_weights_sum_to_one_everywhere(length, overlap):
    axis = TiledAxis(length, 16, overlap)
    total = np.zeros(axis.length)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        assert weights.shape == (16,)
        total[start : start + 16] += weights
    np.testing.assert_allclose(total, 1, atol=1e-6)
    assert axis.starts[0] == 0
    assert axis.starts[-1] == axis.length - 16
    assert axis.length == length + sum(axis.padding)


@pytest.mark.parametrize("length", [17, 40, 100, 517])
def test_neighbours_share_at_least_the_overlap(length):
    steps = np.diff(TiledAxis(length, 16, 0.25).starts)
    assert (steps > 0).all()
    assert (steps <= 12).all()


def test_a_side_as_long_as_a_tile_is_untouched():
    axis = TiledAxis(16, 16, 0.25)
    assert (axis.padding, axis.starts) == ((0, 0), [0])
    assert (axis.weights[0] == 1).all()


def test_a_short_side_is_padded_at_both_ends():
    axis = TiledAxis(9, 16, 0.25)
    assert (axis.padding, axis.length, axis.starts) == ((3, 4), 16, [0])


def test_the_fade_is_smooth():
    axis = TiledAxis(28, 16, 0.25)
    fade = axis.weights[1][:4]
    assert axis.starts == [0, 12]
    assert (np.diff(fade) > 0).all()
    assert fade[0] < 0.1
    np.testing.assert_allclose(fade + fade[::-1], 1, atol=1e-6)
