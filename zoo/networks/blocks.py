"""Convolutions and normalisations as the reference implementation has them."""

from __future__ import annotations

import random
from typing import Any, Literal

import keras
from keras import ops

from zoo.networks.initial import SPREAD, Initial, kernel_initializer
from zoo.networks.spectral import SpectralConv2D

Normalization = Literal["batch", "instance", "none"]
Padding = Literal["zero", "reflect"]
Upsampling = Literal["transposed", "resize"]

EPSILON = 1e-5
SLOPE = 0.2


def convolution(
    x: Any,
    filters: int,
    *,
    size: int = 4,
    strides: int = 1,
    padding: Padding = "zero",
    use_bias: bool = True,
    init: Initial = "normal",
    spectral_norm: bool = False,
    dtype: str | None = None,
    name: str,
) -> keras.KerasTensor:
    """Apply a convolution with (size - 1) // 2 pixels around, as PyTorch's `padding`.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        size: height and width of the kernel. The result has H pixels for an odd one and H - 1 for an even one,
            or, with stride 2 and an even H, half of H.
        strides: 1 or 2.
        padding: `zero`, or `reflect`, which continues the picture by its mirror image.
        use_bias: whether to add a bias.
        init: how the kernel starts.
        spectral_norm: whether the kernel is divided by its largest singular value.
        dtype: the policy if it is not the global one.
        name: name of the convolution layer; padding with zeros, where it is a layer of its own, is `<name>_pad`.
    """
    pixels = (size - 1) // 2
    height, width = x.shape[1:3]
    # Keras's `same` is as many pixels on each side exactly here; elsewhere it is lopsided.
    halved = strides == 2 and size % 2 == 0 and height % 2 == 0 and width % 2 == 0
    same = padding == "zero" and (halved or (strides == 1 and size % 2 == 1))
    if pixels and padding == "reflect":
        x = ops.pad(x, [[0, 0], [pixels] * 2, [pixels] * 2, [0, 0]], mode="reflect")
    elif pixels and not same:
        x = keras.layers.ZeroPadding2D(pixels, name=f"{name}_pad")(x)
    layer = SpectralConv2D if spectral_norm else keras.layers.Conv2D
    return layer(
        filters,
        size,
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
    size: int = 4,
    use_bias: bool = True,
    init: Initial = "normal",
    name: str,
) -> keras.KerasTensor:
    """Double height and width.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        upsampling: `transposed`, a transposed convolution as PyTorch's `padding=1`, for an odd kernel with
            `output_padding=1`; or `resize`, nearest pixels and then a 3 x 3 convolution.
        size: height and width of the transposed convolution's kernel, 3 or 4.
        use_bias: whether to add a bias.
        init: how the kernel starts.
        name: name of the convolution layer; the resizing layer is `<name>_resize`.
    """
    shared = {"use_bias": use_bias, "kernel_initializer": kernel_initializer(init), "name": name}
    if upsampling == "resize":
        x = keras.layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_resize")(x)
        return keras.layers.Conv2D(filters, 3, padding="same", **shared)(x)
    if size % 2 == 0:
        return keras.layers.Conv2DTranspose(filters, size, strides=2, padding="same", **shared)(x)
    # Keras's `same` would paint an odd kernel one pixel higher and further left than PyTorch does.
    x = keras.layers.Conv2DTranspose(filters, size, strides=2, padding="valid", **shared)(x)
    # A split and not a cropping layer: TensorFlow differentiates it in a seventh of the time.
    for axis in (1, 2):
        x = ops.split(x, [1], axis=axis)[1]
    return x


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
