from itertools import pairwise

import keras
import numpy as np
import pytest

from zoo.networks.resnet import resnet
from zoo.networks.unet import unet
from zoo.translation.tiling import TiledAxis, alignment_of


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


def test_tiles_fade_over_the_middle_half_of_what_they_share():
    axis = TiledAxis(48, 32, 0.5)
    assert axis.starts == [0, 16]
    fade = axis.weights[1][:16]
    assert (fade[:4] == 0).all()
    assert (fade[12:] == 1).all()
    assert (np.diff(fade[3:13]) > 0).all()
    assert fade[4] < 0.1
    np.testing.assert_allclose(fade + fade[::-1], 1, atol=1e-6)
    np.testing.assert_array_equal(axis.weights[0], axis.weights[1][::-1])


@pytest.mark.parametrize("overlap", [0.25, 0.5, 0.75, 0.9])
def test_the_outermost_quarter_of_what_neighbours_share_has_no_weight(overlap):
    axis = TiledAxis(300, 64, overlap)
    for index, (start, following) in enumerate(pairwise(axis.starts)):
        margin = (start + 64 - following) // 4
        assert (axis.weights[index][64 - margin :] == 0).all()
        assert (axis.weights[index + 1][:margin] == 0).all()
    assert axis.weights[0][0] == 1
    assert axis.weights[-1][-1] == 1


@pytest.mark.parametrize("length", [1, 16, 17, 20, 33, 100, 517])
@pytest.mark.parametrize("alignment", [2, 3, 8])
@pytest.mark.parametrize("overlap", [0, 0.25, 0.5, 0.9])
def test_aligned_tiles_cover_the_side_and_weights_sum_to_one(length, alignment, overlap):
    axis = TiledAxis(length, 16, overlap, alignment)
    assert all(start % alignment == 0 for start in axis.starts)
    assert (np.diff(axis.starts) > 0).all()
    assert (np.diff(axis.starts) <= max(alignment, 16 * (1 - overlap))).all()
    assert axis.length == length + sum(axis.padding) == axis.starts[-1] + 16
    assert sum(axis.padding) < (alignment if length > 16 else 16)
    total = np.zeros(axis.length)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        total[start : start + 16] += weights
    np.testing.assert_allclose(total, 1, atol=1e-6)


# === Alignment of networks ===


def strided(size, *, filters=2):
    """A convolution that quarters the size, and the way back."""
    inputs = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(filters, 4, strides=4)(inputs)
    return keras.Model(inputs, keras.layers.Conv2DTranspose(3, 4, strides=4)(x))


def test_a_network_is_aligned_to_the_product_of_its_strides():
    assert alignment_of(strided(32)) == 4
    assert alignment_of(resnet((64, 64, 3), 3, blocks=1, filters=2)) == 4
    assert alignment_of(unet((64, 64, 3), 3, depth=3, filters=2)) == 8


def test_a_network_that_sees_the_whole_tile_everywhere_has_no_alignment():
    assert alignment_of(strided(16)) == 1  # 4 pixels are more than an eighth
    assert alignment_of(unet((32, 32, 3), 3, depth=5, filters=2)) == 1


def test_strides_are_found_in_networks_within_networks():
    inner = keras.Input((None, None, 3))
    halved = keras.layers.Conv2D(2, 2, strides=2)(inner)
    encoder = keras.Model(inner, [halved, keras.layers.Conv2D(2, 2, strides=2)(halved)])
    inputs = keras.Input((64, 64, 3))
    outputs = keras.layers.UpSampling2D(2)(encoder(inputs)[0])
    assert alignment_of(keras.Model(inputs, outputs)) == 4
    sequential = keras.Sequential([keras.Input((64, 64, 3)), strided(64)])
    assert alignment_of(sequential) == 4


def test_what_is_no_graph_of_layers_has_no_alignment():
    assert alignment_of(lambda batch: batch) == 1
    inputs = keras.Input((64, 64, 3))
    assert alignment_of(keras.Model(inputs, -1.0 * inputs)) == 1
    assert alignment_of(keras.Sequential([keras.layers.Conv2D(1, 2, strides=2)])) == 1
