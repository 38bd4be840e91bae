"""Runs on TensorFlow, JAX and torch: set KERAS_BACKEND."""

from typing import Any

import keras
import numpy as np
import pytest

from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.models.shared_statistics import SharedNormalization, settling
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(0)


def tiles(count=4, size=16, channels=3):
    random = np.random.default_rng(0)
    spread = random.uniform(0.2, 1, (count, 1, 1, channels))
    return (random.uniform(-1, 1, (count, size, size, channels)) * spread).astype("float32")


def settled_by(network, pictures):
    settle = settling(network)
    assert settle is not None
    return settle(pictures)


def instance_network():
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    x = keras.layers.GroupNormalization(-1, center=False, scale=False)(x)
    return keras.Model(inputs, keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same")(x))


def picture_network():
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.BatchNormalization(
        beta_initializer="random_normal", gamma_initializer="random_normal"
    )(x)
    return inference_network(keras.Model(inputs, x), Inference(statistics="picture"))


def group_network():
    inputs = keras.Input((16, 16, 8))
    layer = keras.layers.GroupNormalization(
        4, beta_initializer="random_normal", gamma_initializer="random_normal"
    )
    return keras.Model(inputs, layer(inputs))


def nested_network():
    inner = keras.Input((16, 16, 3))
    encoder = keras.Model(inner, keras.layers.GroupNormalization(-1)(inner), name="encoder")
    inputs = keras.Input((16, 16, 3))
    return keras.Model(inputs, keras.layers.Conv2D(3, 3, padding="same")(encoder(inputs)))


NETWORKS = [instance_network, picture_network, group_network, nested_network]


@pytest.mark.parametrize("build", NETWORKS)
def test_settled_by_one_tile_a_network_paints_it_as_without(build):
    network = build()
    seen = tiles(1, channels=network.input_shape[-1])
    painted = network.predict_on_batch(seen)
    np.testing.assert_allclose(settled_by(network, seen).predict_on_batch(seen), painted, atol=2e-5)


@pytest.mark.parametrize("build", NETWORKS)
def test_a_tile_is_painted_alike_whatever_comes_with_it(build):
    network = build()
    seen = tiles(channels=network.input_shape[-1])
    settled = settled_by(network, seen)
    together = settled.predict_on_batch(seen)
    alone = np.concatenate(
        [settled.predict_on_batch(seen[index : index + 1]) for index in range(4)]
    )
    np.testing.assert_allclose(alone, together, atol=2e-5)
    assert np.abs(together - network.predict_on_batch(seen)).max() > 0.01


def test_statistics_are_those_of_all_tiles_together():
    inputs = keras.Input((16, 16, 4))
    network = keras.Model(
        inputs, keras.layers.GroupNormalization(2, epsilon=1e-5, center=False, scale=False)(inputs)
    )
    seen = tiles(channels=4) * 3 + np.arange(4, dtype="float32")
    painted = settled_by(network, seen).predict_on_batch(seen)
    groups = seen.reshape(4, 16, 16, 2, 2).astype("float64")
    mean = groups.mean(axis=(0, 1, 2, 4), keepdims=True)
    variance = groups.var(axis=(0, 1, 2, 4), keepdims=True)
    expected = ((groups - mean) / np.sqrt(variance + 1e-5)).reshape(seen.shape)
    np.testing.assert_allclose(painted, expected, atol=1e-4)


def test_the_next_picture_replaces_the_statistics_and_the_network_stays():
    network = instance_network()
    settle: Any = settling(network)
    first = settle(tiles())
    before = first.predict_on_batch(tiles())
    assert settle(tiles() * 0.3 + 0.5) is first
    assert np.abs(first.predict_on_batch(tiles()) - before).max() > 0.01
    settle(tiles())
    np.testing.assert_allclose(first.predict_on_batch(tiles()), before, atol=1e-6)


def test_the_network_itself_is_left_as_it_was():
    network = instance_network()
    names, before = [layer.name for layer in network.layers], network.predict_on_batch(tiles())
    settled = settled_by(network, tiles())
    settled.predict_on_batch(tiles())
    assert [layer.name for layer in network.layers] == names
    np.testing.assert_array_equal(network.predict_on_batch(tiles()), before)
    weights = {id(weight) for weight in network.weights}
    assert weights <= {id(weight) for weight in settled.weights}


def test_spectral_norm_is_left_alone():
    from zoo.networks.spectral import SpectralConv2D

    inputs = keras.Input((16, 16, 3))
    x = SpectralConv2D(4, 3, padding="same")(inputs)
    network = keras.Model(inputs, keras.layers.GroupNormalization(-1)(x))
    left = np.array(network.layers[1].left)
    settled = settled_by(network, tiles())
    settled.predict_on_batch(tiles())
    assert settled.layers[1] is network.layers[1]
    np.testing.assert_array_equal(np.array(network.layers[1].left), left)


def test_statistics_are_float32_under_mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = instance_network()
        settled = settled_by(network, tiles() + 100)
    finally:
        keras.config.set_dtype_policy(policy)
    layers = [layer for layer in settled.layers if isinstance(layer, SharedNormalization)]
    assert len(layers) == 1
    assert {layer.mean.dtype for layer in layers} == {"float32"}
    assert {layer.compute_dtype for layer in layers} == {"bfloat16"}
    assert np.isfinite(settled.predict_on_batch(tiles())).all()


def test_networks_without_statistics_of_pictures_need_no_settling():
    assert settling(unet((16, 16, 3), 3, depth=3, filters=2)) is None
    assert settling(resnet((16, 16, 3), 3, blocks=1, filters=2, norm="batch")) is None
    assert settling(lambda batch: batch) is None
