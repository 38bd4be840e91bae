from collections.abc import Callable

import keras
import numpy as np
import pytest


@pytest.fixture
def rates() -> Callable[..., np.ndarray]:
    """The learning rates of several steps, computed inside a compiled function."""

    def compute(schedule, steps):
        steps = np.asarray(steps, "int32")
        backend = keras.backend.backend()
        if backend == "tensorflow":
            import tensorflow as tf

            schedule = tf.function(schedule)
        elif backend == "jax":
            import jax

            schedule = jax.jit(schedule)
        return keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(steps)))

    return compute


@pytest.fixture
def restored():
    """An object after a way through Keras's plain data."""

    def there_and_back(item):
        return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(item))

    return there_and_back
