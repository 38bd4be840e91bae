"""Convolutions, normalisations and initial weights as the pix2pix paper has them."""

from __future__ import annotations

import random
from typing import Any, Literal

import keras

Normalization = Literal["batch", "instance", "none"]
Upsampling = Literal["transposed", "resize"]
Initial = Literal["normal", "he"]

SPREAD = 0.02
EPSILON = 1e-5
SLOPE = 0.2


def kernel_initializer(init: Initial = "normal") -> keras.initializers.Initializer:
    """Return an initializer; a new object each time, because one object repeats its numbers.

    Args:
        init: `normal` is N(0, 0.02), as in the reference; `he` keeps the size of the signal through
            layers that nothing normalises (https://arxiv.org/abs/1502.01852).
    """
    if init == "he":
        return keras.initializers.HeNormal()
    return keras.initializers.RandomNormal(0.0, SPREAD)


def convolution(
    x: Any,
    filters: int,
    *,
    strides: int,
    use_bias: bool = True,
    init: Initial = "normal",
    dtype: str | None = None,
    name: str,
) -> keras.KerasTensor:
    """Apply a 4 x 4 convolution with one pixel of zeros around, as PyTorch's `padding=1`.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        strides: 1 or 2; the result is H - 1 or H // 2 pixels high.
        use_bias: whether to add a bias.
        init: how the kernel starts.
        dtype: the policy if it is not the global one.
        name: name of the convolution layer; padding, where it is a layer of its own, is `<name>_pad`.
    """
    height, width = x.shape[1:3]
    # Keras's `same` is one pixel on each side exactly here; elsewhere it is lopsided.
    same = strides == 2 and height % 2 == 0 and width % 2 == 0
    if not same:
        x = keras.layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    return keras.layers.Conv2D(
        filters,
        4,
        strides=strides,
        padding="same" if same else "valid",
        use_bias=use_bias,
        kernel_initializer=kernel_initializer(init),
        dtype=dtype,
        name=name,
    )(x)


def upsample(
    x: Any,
    filters: int,
    upsampling: Upsampling,
    *,
    use_bias: bool = True,
    init: Initial = "normal",
    name: str,
) -> keras.KerasTensor:
    """Double height and width.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        upsampling: `transposed`, a 4 x 4 transposed convolution as PyTorch's `padding=1`; or `resize`,
            nearest pixels and then a 3 x 3 convolution.
        use_bias: whether to add a bias.
        init: how the kernel starts.
        name: name of the convolution layer; the resizing layer is `<name>_resize`.
    """
    shared = {"use_bias": use_bias, "kernel_initializer": kernel_initializer(init), "name": name}
    if upsampling == "transposed":
        return keras.layers.Conv2DTranspose(filters, 4, strides=2, padding="same", **shared)(x)
    x = keras.layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_resize")(x)
    return keras.layers.Conv2D(filters, 3, padding="same", **shared)(x)


def normalize(x: Any, norm: Normalization, *, name: str) -> keras.KerasTensor:
    """Normalise channels.

    Args:
        x: (N, H, W, C).
        norm: `batch` over pictures and pixels, with scale N(1, 0.02) and running statistics
            (momentum 0.9, which PyTorch calls 0.1); `instance` over the pixels of each picture,
            with no parameters; `none`.
        name: name of the layer.
    """
    if norm == "none":
        return x
    if norm == "instance":
        return keras.layers.GroupNormalization(
            groups=-1, epsilon=EPSILON, center=False, scale=False, name=name
        )(x)
    return keras.layers.BatchNormalization(
        momentum=0.9,
        epsilon=EPSILON,
        gamma_initializer=keras.initializers.RandomNormal(1.0, SPREAD),
        name=name,
    )(x)


def biased(norm: Normalization) -> bool:
    """Return whether the reference gives a bias to a convolution before this normalisation."""
    return norm == "instance"


def drop(x: Any, rate: float, *, name: str) -> keras.KerasTensor:
    """Drop elements in training.

    Args:
        x: any shape.
        rate: share that is dropped, 0 to 1.
        name: name of the layer.
    """
    # Without a seed of its own the layer draws from torch's global stream on that backend, which no
    # checkpoint holds. Python's generator is the one that `keras.utils.set_random_seed` sets.
    return keras.layers.Dropout(rate, seed=random.randrange(2**31), name=name)(x)
