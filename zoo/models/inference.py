"""How a trained generator translates: dropout and statistics, one choice that every output follows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo.models.parts import Inference


@keras.saving.register_keras_serializable(package="zoo")
class PictureNormalization(keras.layers.Layer):
    """Batch normalisation by each picture's own statistics, with the layer's learned scale and offset.

    (N, H, W, C) to the same; for one picture equal to the layer in training.

    Args:
        layer: the batch normalisation whose weights are used; its running statistics are not.
    """

    def __init__(self, layer: keras.layers.BatchNormalization, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any) -> None:
        """Build the layer, if it is not."""
        if not self.layer.built:
            self.layer.build(input_shape)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Normalise; the mask, which a graph made for the layer hands on, is of no use here."""
        del mask
        x = ops.cast(inputs, "float32")
        mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
        factor = ops.rsqrt(variance + self.layer.epsilon)
        if self.layer.scale:
            factor = factor * ops.cast(self.layer.gamma, "float32")
        x = (x - mean) * factor
        if self.layer.center:
            x = x + ops.cast(self.layer.beta, "float32")
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        layer = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": layer}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> PictureNormalization:
        """Create it from its arguments."""
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})


@keras.saving.register_keras_serializable(package="zoo")
class LastingDropout(keras.layers.Layer):
    """Dropout that stays on when the network is not training.

    Args:
        layer: the dropout layer, whose random stream is used.
    """

    def __init__(self, layer: keras.layers.Dropout, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer

    def call(self, inputs: Any) -> Any:
        """Drop elements."""
        # Not by calling the layer: Keras would hand `training=True` on to the layers that follow.
        return self.layer.call(inputs, training=True)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        layer = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": layer}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LastingDropout:
        """Create it from its arguments."""
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})


def inference_network(generator: keras.Model, inference: Inference) -> keras.Model:
    """Return the network that translates as `inference` says; it shares the generator's weights.

    With dropout off and running statistics it is the generator itself, called with `training=False`.
    Otherwise it is a functional copy around the same weights, whose `.keras` file
    `keras.models.load_model` opens wherever `zoo.models.inference` is imported.

    Args:
        generator: a functional or sequential network.
        inference: the choice.

    Raises:
        ValueError: if the generator is neither, so that its layers cannot be found.
    """
    if not inference.dropout and inference.statistics == "running":
        return generator

    def translating(layer: keras.layers.Layer) -> keras.layers.Layer:
        # A frozen one uses its running statistics in training, too.
        normalizes = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        if normalizes and inference.statistics == "picture":
            return PictureNormalization(layer, name=layer.name, dtype=layer.dtype_policy)
        if isinstance(layer, keras.layers.Dropout) and inference.dropout:
            # A stream of its own, so that looking at samples does not change the training that follows.
            own = type(layer).from_config(layer.get_config())
            return LastingDropout(own, name=layer.name, dtype=layer.dtype_policy)
        return layer

    return keras.models.clone_model(generator, clone_function=translating, recursive=True)
