"""Rebuilding a network from Keras's own layers alone, so that its file needs no other library."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras import ops


def of_own_layers(network: keras.Model, name: str, frozen: bool) -> keras.Model:
    """Return the same network, on the same weights, whose graph holds Keras's own layers and operations alone.

    KerasCV and KerasHub pack blocks into layers of their own. Saved as they are, some of them cannot be loaded again
    (KerasCV's CSPDarkNet holds Python functions, its MiT loses arguments), and nothing outside sees the batch
    normalisation in them. Here every such layer is replaced by what its `call` does.

    The given network must not be used any more.

    Args:
        network: a functional network of fixed input size.
        name: the backbone's, for errors.
        frozen: leave out what happens in training alone, dropout.

    Raises:
        ValueError: if a layer has weights of its own, so that it cannot be replaced.
    """

    def replaced(operation: Any, *args: Any, **kwargs: Any) -> Any:
        return (_replacement(operation, frozen) or operation)(*args, **kwargs)

    weights = {id(weight) for weight in network.weights}
    # Packs lie in packs: every pass opens the outermost.
    while any(_replacement(operation, frozen) for operation in network.operations):
        with warnings.catch_warnings():
            # KerasHub's RetinaNet hands its encoder a tensor where that has a list of one.
            warnings.filterwarnings("ignore", message="The structure of `inputs` doesn't match")
            network = keras.models.clone_model(
                network, clone_function=lambda layer: layer, call_function=replaced
            )
    if weights != {id(weight) for weight in network.weights}:
        raise ValueError(
            f"the backbone {name} has layers with weights of their own, which cannot be saved in a "
            "generator's file; use another backbone"
        )
    return network


def _replacement(operation: Any, frozen: bool) -> Callable[..., Any] | None:
    """Return what is called in the place of an operation, or None if it stays."""
    if isinstance(operation, keras.layers.Dropout):
        if frozen or not operation.rate:
            return _unchanged
        return partial(_seeded, operation) if operation.seed is None else None
    # KerasCV's and KerasHub's stochastic depth.
    if type(operation).__name__ == "DropPath":
        return _unchanged if frozen or not operation.rate else partial(_drop_whole, operation)
    activation = getattr(operation, "activation", None)
    if isinstance(activation, keras.layers.Layer) and _is_foreign(activation):
        return partial(_activated_outside, operation)
    if isinstance(operation, keras.layers.Layer) and _is_foreign(operation):
        call: Callable[..., Any] = operation.call
        return call
    shape = getattr(operation, "newshape", ())
    # To the size that `ops.shape(x)` tells, whose first number is None in a graph and cannot be computed.
    return partial(_reshaped, operation) if None in shape else None


def _is_foreign(layer: keras.layers.Layer) -> bool:
    # A Lambda holds a Python function, which Keras does not load for safety; models are packs too.
    if isinstance(layer, keras.Model | keras.layers.Lambda):
        return True
    return type(layer).__module__.split(".")[0] != "keras"


def _unchanged(x: Any, **_: Any) -> Any:
    return x


def _seeded(layer: keras.layers.Dropout, x: Any, **_: Any) -> Any:
    """Drop elements by a random stream of its own, which a checkpoint holds."""
    seed = random.randrange(2**31)
    return keras.layers.Dropout(layer.rate, noise_shape=layer.noise_shape, seed=seed)(x)


def _drop_whole(layer: Any, x: Any, **_: Any) -> Any:
    """Drop the whole feature map of a picture."""
    noise_shape = (None, *(1,) * (len(x.shape) - 1))
    seed = random.randrange(2**31)
    return keras.layers.Dropout(float(layer.rate), noise_shape=noise_shape, seed=seed)(x)


def _activated_outside(layer: Any, x: Any, **_: Any) -> Any:
    activation = layer.activation
    # On torch a layer that is an attribute cannot be replaced by a function before it is gone.
    del layer.activation
    layer.activation = keras.activations.linear
    return activation.call(layer(x))


def _reshaped(operation: Any, x: Any) -> Any:
    _, *sizes = operation.newshape
    if -1 in sizes:
        known = math.prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = math.prod(x.shape[1:]) // known
    return ops.reshape(x, (-1, *sizes))
