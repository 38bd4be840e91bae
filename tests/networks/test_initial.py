"""Initial kernels against the closed forms of their deviations."""

import keras
import numpy as np
import pytest

from zoo.networks.initial import kernel_initializer
from zoo.networks.patchgan import patchgan
from zoo.networks.pixelgan import pixelgan
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet

# A pixel of the result is a sum over 4 * 4 * 24 values, and each value goes into 4 * 4 * 60 of them.
SHAPE = (4, 4, 24, 60)
DEVIATIONS = {
    "normal": 0.02,
    "xavier": 0.02 * np.sqrt(2 / (16 * 24 + 16 * 60)),
    "he": np.sqrt(2 / (16 * 24)),
}
NETWORKS = {
    "unet": lambda init: unet((8, 8, 3), 3, depth=2, filters=8, init=init),
    "resnet": lambda init: resnet((8, 8, 3), 3, blocks=1, filters=4, init=init),
    "patchgan": lambda init: patchgan((8, 8, 6), layers=1, filters=4, init=init),
    "pixelgan": lambda init: pixelgan((8, 8, 6), filters=32, init=init),
}


def kernels(network):
    return [v.numpy() for v in network.trainable_variables if v.name == "kernel"]


@pytest.mark.parametrize("init", DEVIATIONS)
def test_deviations(init):
    keras.utils.set_random_seed(0)
    kernel = keras.ops.convert_to_numpy(kernel_initializer(init)(SHAPE)) / DEVIATIONS[init]
    assert kernel.mean() == pytest.approx(0, abs=0.02)
    assert kernel.std() == pytest.approx(1, rel=0.02)
    # One number in 741 is so far from zero; a distribution that is cut off after two deviations has none.
    assert np.mean(np.abs(kernel) > 3) == pytest.approx(0.0027, rel=0.3)


@pytest.mark.parametrize("shape", [(4, 4, 6, 10), (1, 1, 4, 10)])
def test_orthogonal_filters_have_the_length_of_the_gain(shape):
    matrix = keras.ops.convert_to_numpy(kernel_initializer("orthogonal")(shape))
    matrix = matrix.reshape(-1, shape[-1])
    product = matrix.T @ matrix if shape[0] > 1 else matrix @ matrix.T
    np.testing.assert_allclose(product, 0.02**2 * np.eye(len(product)), atol=1e-8)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_kernel_of_a_network_starts_as_asked(name):
    for matrix in kernels(NETWORKS[name]("orthogonal")):
        matrix = matrix.reshape(-1, matrix.shape[-1])
        singular = np.linalg.svd(matrix, compute_uv=False)
        np.testing.assert_allclose(singular, 0.02, rtol=1e-4)
    keras.utils.set_random_seed(0)
    drawn = []
    for kernel in kernels(NETWORKS[name]("he")):
        # Of a transposed convolution PyTorch counts the channels of the result, which stand at the same place.
        height, width, inputs, _ = kernel.shape
        drawn.append(kernel.ravel() / np.sqrt(2 / (height * width * inputs)))
    assert np.concatenate(drawn).std() == pytest.approx(1, rel=0.1)


def test_two_kernels_of_a_network_differ():
    keras.utils.set_random_seed(0)
    network = resnet((8, 8, 3), 3, blocks=1, filters=2)
    one, other = (network.get_layer(f"block1_conv{number}").kernel for number in (1, 2))
    assert not np.array_equal(one.numpy(), other.numpy())
