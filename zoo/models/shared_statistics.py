"""Translating the tiles of one picture with the same statistics, so that no seam shows between them.

A network that normalises each picture by its own statistics, as instance normalisation does, would normalise every
tile by its own. Here they are taken once over a sample of the picture's tiles, and then used for all.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.models.inference import PictureNormalization


class SharedNormalization(keras.layers.Layer):
    """Normalises by statistics that were taken before: `measure` has the next call take them from its input.

    (N, H, W, C) to the same. Statistics are taken in float32, jointly over pictures, rows and columns, and over the
    channels of each group.

    Args:
        layer: built; its epsilon, its groups, and its learned scale and offset are used.
    """

    def __init__(self, layer: keras.layers.GroupNormalization | PictureNormalization) -> None:
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        by_group = isinstance(layer, keras.layers.GroupNormalization)
        # None is one a channel.
        self.groups = layer.groups if by_group and layer.groups != -1 else None
        self.layer = layer if by_group else layer.layer
        self.measure = False
        # Keras would cast them for mixed precision.
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Create the statistics."""
        self.mean, self.variance = (
            self.add_weight(
                name=name,
                shape=(input_shape[-1],),
                initializer=initializer,
                trainable=False,
                dtype="float32",
                autocast=False,
            )
            for name, initializer in (("mean", "zeros"), ("variance", "ones"))
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Normalise; the mask, which a graph made for the layer hands on, is of no use here."""
        del mask
        x = ops.cast(inputs, "float32")
        if self.measure:
            mean, variance = self._statistics(x)
            self.mean.assign(mean)
            self.variance.assign(variance)
        factor = ops.rsqrt(ops.add(self.variance, self.layer.epsilon))
        if self.layer.scale:
            factor = factor * ops.cast(self.layer.gamma, "float32")
        x = (x - self.mean) * factor
        if self.layer.center:
            x = x + ops.cast(self.layer.beta, "float32")
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def _statistics(self, x: Any) -> tuple[Any, Any]:
        """Return mean and variance of each channel, the same for all of a group."""
        means, variances = ops.moments(x, axes=(0, 1, 2))
        if self.groups is None:
            return means, variances
        means, variances = (ops.reshape(part, (self.groups, -1)) for part in (means, variances))
        mean = ops.mean(means, axis=1, keepdims=True)
        # Of values in equal parts: the mean variance within them, and the variance of their means.
        variance = ops.mean(variances + ops.square(means - mean), axis=1, keepdims=True)
        each = x.shape[-1] // self.groups
        return (
            ops.reshape(ops.repeat(mean, each, axis=1), (-1,)),
            ops.reshape(ops.repeat(variance, each, axis=1), (-1,)),
        )


def settling(network: Any) -> Callable[[np.ndarray], keras.Model] | None:
    """Return what settles a network's statistics for one picture at a time; None if it takes none from pictures.

    The network that comes back shares the weights of the given one. It is always the same, whose statistics
    each call replaces.

    Args:
        network: functional or sequential, which may hold others; of anything else it is None.

    Returns:
        A function that takes tiles of a picture, float32 (N, H, W, C) in [-1, 1], and returns the network that
        normalises by the statistics of all of them together.
    """
    if not _normalizers(network):
        return None
    clone: keras.Model | None = None

    def settle(tiles: np.ndarray) -> keras.Model:
        nonlocal clone
        if clone is None:
            clone = _with_shared_statistics(network)
        layers = [layer for layer in _all_layers(clone) if isinstance(layer, SharedNormalization)]
        for layer in layers:
            layer.measure = True
        try:
            with _without_gradients():
                # Not by `predict_on_batch`, which would compile this mode.
                clone(ops.convert_to_tensor(tiles), training=False)
        finally:
            for layer in layers:
                layer.measure = False
        return clone

    return settle


def _with_shared_statistics(network: keras.Model) -> keras.Model:
    replaced = {id(layer) for layer in _normalizers(network)}

    def shared(layer: keras.layers.Layer) -> keras.layers.Layer:
        return SharedNormalization(layer) if id(layer) in replaced else layer

    return keras.models.clone_model(network, clone_function=shared, recursive=True)


def _normalizers(network: Any) -> list[keras.layers.Layer]:
    """Return the layers that normalise each picture of a batch by itself, over its rows and columns."""
    return [
        layer
        for layer in _all_layers(network)
        if isinstance(layer, PictureNormalization)
        or (isinstance(layer, keras.layers.GroupNormalization) and layer.axis in (-1, 3))
    ]


def _all_layers(network: Any) -> list[keras.layers.Layer]:
    found = []
    for layer in getattr(network, "layers", ()):
        found += _all_layers(layer) if hasattr(layer, "layers") else [layer]
    return found


def _without_gradients() -> AbstractContextManager[Any]:
    if keras.backend.backend() != "torch":
        return nullcontext()
    import torch

    without: AbstractContextManager[Any] = torch.no_grad()
    return without
