"""Spectral normalisation against NumPy's singular values, and against PyTorch."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, tiny_data, tiny_parts

from zoo import backend
from zoo.models.pix2pix import pix2pix
from zoo.networks.patchgan import patchgan
from zoo.networks.pixelgan import pixelgan
from zoo.networks.spectral import SpectralConv2D


def array(tensor):
    return ops.convert_to_numpy(tensor)


def layer_of(kernel, **options):
    layer = SpectralConv2D(kernel.shape[-1], kernel.shape[0], use_bias=False, **options)
    layer.build((None, 8, 8, kernel.shape[2]))
    layer.kernel.assign(kernel)
    return layer


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def settle(layer, picture, calls=100):
    for _ in range(calls):
        layer(picture, training=True)


def test_the_kernel_is_divided_by_its_largest_singular_value():
    kernel, picture = random(3, 3, 5, 4), random(1, 8, 8, 5)
    layer = layer_of(kernel)
    settle(layer, picture)
    largest = np.linalg.svd(kernel.reshape(-1, 4), compute_uv=False)[0]
    expected = array(ops.conv(picture, kernel / largest))
    for training in (True, False):
        np.testing.assert_allclose(array(layer(picture, training=training)), expected, atol=1e-5)
    np.testing.assert_array_equal(array(layer.kernel), kernel)


def test_a_new_layer_starts_near_the_largest_singular_value():
    layer = SpectralConv2D(4, 3, use_bias=True)
    picture = random(1, 8, 8, 5)
    output = layer(picture, training=False)
    kernel = array(layer.kernel)
    largest = np.linalg.svd(kernel.reshape(-1, 4), compute_uv=False)[0]
    np.testing.assert_allclose(array(output), array(ops.conv(picture, kernel / largest)), rtol=0.02)


def test_the_gradient_goes_through_the_division():
    """Of the sum of G · W / s it is G / s - (G · W / s²) u vᵀ, with the first singular vectors u and v."""
    kernel, picture = random(1, 1, 5, 4), np.eye(5, dtype="float32").reshape(1, 1, 5, 5)
    layer = layer_of(kernel)
    settle(layer, picture)
    value, pullback, _ = backend.weights_vjp(
        lambda: (layer(picture, training=True), None), layer.trainable_variables
    )
    cotangent = np.random.default_rng(1).normal(size=(1, 1, 5, 4)).astype("float32")
    (found,) = pullback(ops.convert_to_tensor(cotangent))
    matrix, given = kernel[0, 0], cotangent[0, 0]
    left, values, right = np.linalg.svd(matrix)
    largest = values[0]
    expected = given / largest - np.sum(given * matrix) / largest**2 * np.outer(
        left[:, 0], right[0]
    )
    np.testing.assert_allclose(array(value)[0, 0], matrix / largest, atol=1e-5)
    np.testing.assert_allclose(array(found)[0, 0], expected, atol=1e-4)


@pytest.mark.parametrize("training", [True, False])
def test_output_and_gradient_equal_pytorchs(training):
    torch = pytest.importorskip("torch")
    kernel, picture = random(3, 3, 5, 4), random(2, 8, 8, 5)
    layer = layer_of(kernel, strides=2)
    left, right = random(4), random(45)
    layer.left.assign(left / np.linalg.norm(left))
    layer.right.assign(right / np.linalg.norm(right))

    theirs = torch.nn.Conv2d(5, 4, 3, stride=2, bias=False)
    theirs = torch.nn.utils.parametrizations.spectral_norm(theirs).train(training)
    parametrized = theirs.parametrizations.weight
    with torch.no_grad():
        parametrized.original.copy_(torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()))
        parametrized[0]._u.copy_(torch.from_numpy(array(layer.left)))
        # Theirs runs over channels before pixels.
        ordered = array(layer.right).reshape(3, 3, 5).transpose(2, 0, 1).ravel()
        parametrized[0]._v.copy_(torch.from_numpy(ordered))

    # The second call tells whether both moved the vectors alike.
    source = torch.from_numpy(np.moveaxis(picture, -1, 1).copy())
    layer(picture, training=training)
    theirs(source)
    expected = theirs(source)
    value, pullback, _ = backend.weights_vjp(
        lambda: (layer(picture, training=training), None), layer.trainable_variables
    )
    np.testing.assert_allclose(
        np.moveaxis(array(value), -1, 1), expected.detach().numpy(), rtol=1e-4, atol=1e-4
    )
    cotangent = np.random.default_rng(1).normal(size=value.shape).astype("float32")
    expected.backward(torch.from_numpy(np.moveaxis(cotangent, -1, 1).copy()))
    (found,) = pullback(ops.convert_to_tensor(cotangent))
    gradient = parametrized.original.grad.numpy().transpose(2, 3, 1, 0)
    np.testing.assert_allclose(
        array(found), gradient, rtol=1e-3, atol=1e-4 * np.abs(gradient).max()
    )


def spectral_pix2pix():
    parts = tiny_parts(norm="none")

    def discriminator(shape):
        return patchgan(shape, layers=1, filters=2, norm="none", spectral_norm=True)

    keras.utils.set_random_seed(0)
    model = pix2pix(replace(parts, discriminator=discriminator))
    model.compile(optimizer=optimizers())
    return model


def test_a_model_trains_and_its_file_goes_on_alike(tmp_path):
    model = spectral_pix2pix()
    vectors = [v for v in model.discriminator.weights if v.name.endswith("vector")]
    assert len(vectors) == 6
    assert not any(variable.trainable for variable in vectors)
    started = [array(variable).copy() for variable in vectors]
    data = tiny_data()
    model.fit(data, batch_size=3, verbose=0)
    assert any(np.abs(array(v) - old).max() > 1e-4 for v, old in zip(vectors, started, strict=True))
    for variable in vectors:
        assert np.linalg.norm(array(variable)) == pytest.approx(1, rel=1e-5)

    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    one, two = (item.fit(data, batch_size=3, verbose=0).history for item in (model, other))
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert value == pytest.approx(two[name], rel=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_division_is_in_float32(policy):
    layer = SpectralConv2D(4, 3, dtype=policy)
    picture = random(1, 8, 8, 5)
    layer(picture, training=True)
    assert {v.dtype for v in layer.weights} == {"float32"}
    output = layer(picture, training=False)
    assert keras.backend.standardize_dtype(output.dtype) == policy.removeprefix("mixed_")
    left, right = array(layer.left), array(layer.right)
    kernel = array(layer.kernel)
    norm = right @ kernel.reshape(-1, 4) @ left
    expected = array(ops.conv(picture, kernel / norm))
    np.testing.assert_allclose(array(ops.cast(output, "float32")), expected, atol=0.05)


@pytest.mark.parametrize("build", [patchgan, pixelgan])
def test_every_kernel_of_a_discriminator_is_normalised(build, tmp_path):
    network = build((24, 24, 4), filters=1, spectral_norm=True)
    convolutions = [layer for layer in network.layers if layer.name.endswith("_conv")]
    assert {type(layer) for layer in convolutions} == {SpectralConv2D}
    plain = build((24, 24, 4), filters=1)
    assert network.output_shape == plain.output_shape
    assert len(network.trainable_weights) == len(plain.trainable_weights)

    picture = random(1, 24, 24, 4)
    network(picture, training=True)
    network.save(tmp_path / "judge.keras")
    other = keras.models.load_model(tmp_path / "judge.keras")
    for training in (False, True):
        one, two = (array(item(picture, training=training)) for item in (network, other))
        np.testing.assert_array_equal(one, two)
