"""The one primitive that differs by backend, alone."""

import keras
import numpy as np
import pytest
from keras import ops
from reference import below, golden, load_reference, pictures, reference_weights

from zoo import backend
from zoo.networks.patchgan import patchgan


def array(tensor):
    return ops.convert_to_numpy(tensor)


def test_pullback_by_tensors():
    inputs = {"a": ops.convert_to_tensor([1.0, 2.0]), "b": ops.convert_to_tensor([3.0, 4.0])}

    def function(tensors):
        return {"square": tensors["a"] ** 2, "product": tensors["a"] * tensors["b"]}, "besides"

    value, pullback, besides = backend.vjp(function, inputs)
    np.testing.assert_allclose(array(value["product"]), [3, 8])
    assert besides == "besides"
    ones = ops.ones((2,))
    gradients = pullback({"square": ones, "product": 10 * ones})
    np.testing.assert_allclose(array(gradients["a"]), [2 + 30, 4 + 40])
    np.testing.assert_allclose(array(gradients["b"]), [10, 20])


def test_what_the_value_does_not_depend_on_gets_zeros():
    inputs = [ops.ones((2,)), ops.ones((3,))]
    _, pullback, _ = backend.vjp(lambda pair: (2 * pair[0], None), inputs)
    used, unused = pullback(ops.ones((2,)))
    np.testing.assert_allclose(array(used), [2, 2])
    np.testing.assert_allclose(array(unused), [0, 0, 0])


def test_pullback_by_weights():
    layer = keras.layers.Dense(1, kernel_initializer="ones")
    layer.build((None, 2))
    source = ops.convert_to_tensor([[2.0, 3.0]])
    value, pullback, _ = backend.weights_vjp(
        lambda: (layer(source), None), layer.trainable_variables
    )
    np.testing.assert_allclose(array(value), [[5]])
    kernel, bias = pullback(ops.ones((1, 1)))
    np.testing.assert_allclose(array(kernel), [[2], [3]])
    np.testing.assert_allclose(array(bias), [1])


def test_values_are_constants_for_a_later_differentiation():
    value, _, _ = backend.vjp(lambda x: (x**2, None), ops.convert_to_tensor(3.0))
    _, pullback, _ = backend.vjp(lambda y: (y * value, None), ops.convert_to_tensor(2.0))
    assert float(pullback(ops.ones(()))) == 9


def test_a_pullback_inside_can_be_differentiated_again():
    def derivative(x):
        _, pullback, _ = backend.vjp(lambda inner: (inner**3, None), x)
        return pullback(ops.ones(())), None

    value, pullback, _ = backend.vjp(derivative, ops.convert_to_tensor(2.0))
    assert float(value) == pytest.approx(12)
    assert float(pullback(ops.ones(()))) == pytest.approx(12)


def test_a_gradient_penalty_equals_the_reference():
    arrays = golden("wgan_gradient_penalty")
    critic = patchgan((64, 64, 3), filters=3, norm="none")
    load_reference(critic, below(arrays, "weights"))
    alpha = arrays["alpha"].reshape(-1, 1, 1, 1)
    mixed = alpha * pictures(arrays["real"]) + (1 - alpha) * pictures(arrays["fake"])

    def penalty():
        logits, pullback, _ = backend.vjp(
            lambda picture: (critic(picture, training=True), None), ops.convert_to_tensor(mixed)
        )
        slopes = ops.reshape(pullback(ops.ones_like(logits)), (len(mixed), -1))
        norms = ops.sqrt(ops.sum((slopes + 1e-16) ** 2, axis=1))
        return 10 * ops.mean((norms - 1) ** 2), None

    value, pullback, _ = backend.weights_vjp(penalty, critic.trainable_variables)
    assert float(value) == pytest.approx(float(arrays["penalty"]), rel=1e-4)
    # The last bias moves no slope; the reference leaves it out.
    slopes = {**below(arrays, "gradient"), "model.11.bias": np.zeros(1)}
    expected = {id(variable): slope for variable, slope in reference_weights(critic, slopes)}
    gradients = pullback(ops.ones(()))
    for variable, gradient in zip(critic.trainable_variables, gradients, strict=True):
        np.testing.assert_allclose(
            array(gradient), expected[id(variable)], rtol=1e-3, atol=1e-5, err_msg=variable.path
        )
