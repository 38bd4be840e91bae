"""Networks as converters take them: float32 throughout, random numbers by an operation that every runtime has."""

from __future__ import annotations

import secrets
from typing import Any

import keras
from keras import ops

from zoo.models.inference import LastingDropout


def exportable(network: keras.Model) -> keras.Model:
    """Return the network with dropout that stays on written so that converters take it.

    It shares the weights of the network, and is the network itself if no dropout stays on.

    Args:
        network: functional, on the TensorFlow backend.
    """
    if not stays_random(network):
        return network

    def prepared(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, LastingDropout):
            return FreshDropout(layer.layer.rate, name=layer.name, dtype=layer.dtype_policy)
        return layer

    return keras.models.clone_model(network, clone_function=prepared, recursive=True)


def as_function(network: keras.Model) -> Any:
    """Return the network as a `tf.function` of `pictures`, float32 (N, H, W, C) with any N, for converters.

    Args:
        network: functional, with a fixed H, W and C, on the TensorFlow backend.
    """
    import tensorflow as tf

    prepared = exportable(network)
    signature = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32, name="pictures")

    @tf.function(input_signature=[signature], autograph=False)
    def paint(pictures: Any) -> Any:
        return prepared(pictures, training=False)

    return paint


def stays_random(network: keras.Model) -> bool:
    """Return whether dropout stays on, so that two calls of the network differ."""
    layers = network._flatten_layers(include_self=False, recursive=True)
    return any(isinstance(layer, LastingDropout) for layer in layers)


def in_float32(network: keras.Model) -> keras.Model:
    """Return the network computing in float32: itself, or, if it was trained in mixed precision, a copy.

    Weights are float32 in either; runtimes lack half precision, or compute it otherwise than Keras.

    Args:
        network: functional.
    """
    layers = list(network._flatten_layers(include_self=False, recursive=True))
    if all(layer.compute_dtype == layer.variable_dtype == "float32" for layer in layers):
        return network

    def copied(layer: keras.layers.Layer) -> keras.layers.Layer:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(network, clone_function=copied, recursive=True)
    copy.set_weights(network.get_weights())
    return copy


@keras.saving.register_keras_serializable(package="zoo")
class FreshDropout(keras.layers.Layer):
    """Dropout with new random numbers at every call, on the TensorFlow backend.

    Keras's own draws from a seed that is a variable, which it advances: no runtime but TensorFlow keeps one.
    Each time that a network is loaded, its numbers are others; where the process has deterministic operations
    only (`training.deterministic`), which must have a seed, they are others in each export.

    Args:
        rate: share of elements that are dropped, 0 to 1.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    def call(self, inputs: Any) -> Any:
        """Drop elements, and scale the rest so that the sum stays."""
        import tensorflow as tf

        # Not `tf.random.uniform`, which would write a seed that was set into the graph, and so into each file.
        drawn = tf.raw_ops.RandomUniform(
            shape=tf.shape(inputs), dtype=tf.float32, seed=0, seed2=self._seed()
        )
        kept = drawn >= self.rate
        return inputs * ops.cast(kept, inputs.dtype) * (1 / (1 - self.rate))

    @staticmethod
    def _seed() -> int:
        # TensorFlow can be told, but not asked, by its public API. 0 has it draw a seed when the graph is loaded.
        from tensorflow.python.framework.config import is_op_determinism_enabled

        return secrets.randbelow(2**31 - 1) + 1 if is_op_determinism_enabled() else 0

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "rate": self.rate}
