"""The adversarial step on TensorFlow; `zoo.backend` says what each function does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

Pullback = Callable[[Any], Any]


def vjp(function: Callable[[Any], tuple[Any, Any]], inputs: Any) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.vjp`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(keras.tree.flatten(inputs))
        value, aux = function(inputs)
    return value, _pullback(tape, value, inputs), aux


def weights_vjp(
    function: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.weights_vjp`."""
    weights = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for weight in weights:
            tape.watch(weight)
        value, aux = function()
    return value, _pullback(tape, value, weights), aux


def _pullback(tape: tf.GradientTape, value: Any, sources: Any) -> Pullback:
    def pullback(cotangent: Any) -> Any:
        gradients = tape.gradient(
            keras.tree.flatten(value),
            keras.tree.flatten(sources),
            output_gradients=keras.tree.flatten(cotangent),
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        return keras.tree.pack_sequence_as(sources, gradients)

    return pullback


def tune(optimizer: keras.optimizers.Optimizer) -> None:
    """See `zoo.backend.tune`."""
    # Exactly Adam: a subclass may compute something else.
    if type(optimizer) is keras.optimizers.Adam and not optimizer.amsgrad:
        optimizer.update_step = partial(_adam_step, optimizer)


def _adam_step(
    adam: keras.optimizers.Adam, gradient: Any, variable: tf.Variable, learning_rate: Any
) -> None:
    """Update one variable in a single pass over memory; Keras's own operations make a dozen."""
    if isinstance(gradient, tf.IndexedSlices):
        keras.optimizers.Adam.update_step(adam, gradient, variable, learning_rate)
        return
    dtype = variable.dtype
    index = adam._get_variable_index(variable)
    step = tf.cast(adam.iterations.value + 1, dtype)
    beta_1, beta_2 = tf.cast(adam.beta_1, dtype), tf.cast(adam.beta_2, dtype)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=adam._momentums[index].value.handle,
        v=adam._velocities[index].value.handle,
        beta1_power=beta_1**step,
        beta2_power=beta_2**step,
        lr=tf.cast(learning_rate, dtype),
        beta1=beta_1,
        beta2=beta_2,
        epsilon=tf.cast(adam.epsilon, dtype),
        grad=tf.cast(gradient, dtype),
    )


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Any],
    variables: Sequence[keras.Variable],
) -> None:
    """See `zoo.backend.apply`."""
    optimizer.apply(list(gradients), list(variables))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `zoo.backend.compiled`."""
    graph: Callable[..., Any] = tf.function(function, reduce_retracing=True)
    return lambda *arrays: graph(
        *(None if array is None else tf.convert_to_tensor(array) for array in arrays)
    )


def use_deterministic_operations() -> None:
    """See `zoo.backend.use_deterministic_operations`."""
    tf.config.experimental.enable_op_determinism()


class StepTrainer:
    """What Keras's TensorFlow trainer calls."""

    learn: Callable[[Any], dict[str, Any]]
    assess: Callable[[Any], dict[str, Any]]

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from a batch and return the logs."""
        return self.learn(data)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Assess a batch and return the logs."""
        return self.assess(data)


def shard() -> tuple[int, int]:
    """See `zoo.backend.shard`."""
    return 0, 1
