import keras
import numpy as np
import pytest

from zoo import backend


@pytest.mark.parametrize("arguments", [{}, {"epsilon": 1e-3, "beta_1": 0.5}, {"clipnorm": 0.1}])
def test_a_tuned_adam_computes_the_same(arguments):
    start, gradients = np.random.default_rng(0).normal(size=(2, 5, 7)).astype("float32")
    results = []
    for tuned in (False, True):
        variable = keras.Variable(start)
        schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5)
        adam = keras.optimizers.Adam(schedule, **arguments)
        adam.build([variable])
        if tuned:
            backend.tune(adam)
        for step in range(4):
            # Transposed, as the gradients of kernels are on torch.
            gradient = keras.ops.convert_to_tensor(gradients.T * (step - 1))
            backend.apply(adam, [keras.ops.transpose(gradient)], [variable])
        results.append([variable.numpy(), *(slot.numpy() for slot in adam.variables)])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-5, atol=1e-7)
    assert np.abs(results[0][0] - start).max() > 1e-3
