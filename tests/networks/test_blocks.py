"""Where convolutions put their pixels, against the definition, pixel by pixel."""

from typing import Any

import numpy as np
import pytest
from keras import Input, Model, ops

from zoo.networks.blocks import convolution, upsample


def weights(network, shape):
    kernel = np.random.default_rng(1).normal(size=shape).astype("float32")
    (layer,) = [layer for layer in network.layers if layer.weights]
    layer.kernel.assign(kernel)
    return kernel


def computed(network, picture):
    return ops.convert_to_numpy(network(picture))[0]


@pytest.mark.parametrize("padding", ["zero", "reflect"])
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("size", [1, 3, 4, 7])
def test_a_convolution_pads_like_pytorch(size, strides, padding):
    source = Input((8, 12, 2))
    options = {"size": size, "strides": strides, "padding": padding, "use_bias": False}
    network = Model(source, convolution(source, 3, **options, name="conv"))
    kernel = weights(network, (size, size, 2, 3))
    picture = np.random.default_rng(0).normal(size=(1, 8, 12, 2)).astype("float32")

    pixels = (size - 1) // 2
    mode: Any = "reflect" if padding == "reflect" else "constant"
    padded = np.pad(picture[0], [(pixels, pixels)] * 2 + [(0, 0)], mode=mode)
    rows, columns = (range(0, side + 2 * pixels - size + 1, strides) for side in picture.shape[1:3])
    expected = np.array(
        [
            [np.einsum("ijc,ijcf->f", padded[i : i + size, j : j + size], kernel) for j in columns]
            for i in rows
        ]
    )
    found = computed(network, picture)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("size", [3, 4])
def test_a_transposed_convolution_paints_like_pytorch(size):
    """Pixel i goes to the pixels 2 i + k - 1, of which those outside are cut off."""
    source = Input((3, 5, 2))
    options = {"size": size, "use_bias": False}
    network = Model(source, upsample(source, 3, "transposed", **options, name="conv"))
    kernel = weights(network, (size, size, 3, 2))
    picture = np.random.default_rng(0).normal(size=(1, 3, 5, 2)).astype("float32")
    expected = np.zeros((6 + size, 10 + size, 3))
    for i in range(3):
        for j in range(5):
            expected[2 * i : 2 * i + size, 2 * j : 2 * j + size] += kernel @ picture[0, i, j]
    expected = expected[1:7, 1:11]
    np.testing.assert_allclose(computed(network, picture), expected, atol=1e-4)
