"""ResNet: a generator of residual blocks at a quarter of the size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, repeat
from typing import Annotated, Any

import keras
from pydantic import Field

from zoo.memory import require_weights
from zoo.networks.blocks import (
    Normalization,
    Padding,
    Upsampling,
    biased,
    convolution,
    drop,
    normalize,
    upsample,
)
from zoo.networks.features import offer_features
from zoo.networks.initial import Initial

HALVINGS = 2


def resnet(
    input_shape: tuple[int, int, int],
    output_channels: int,
    *,
    blocks: Annotated[int, Field(ge=1, le=100)] = 9,
    filters: Annotated[int, Field(ge=1)] = 64,
    norm: Normalization = "instance",
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    padding: Padding = "reflect",
    upsampling: Upsampling = "transposed",
    init: Initial = "normal",
) -> keras.Model:
    """Build the ResNet generator of CycleGAN: (N, H, W, C) in [-1, 1] to a float32 picture in [-1, 1].

    A 7 x 7 convolution, two that halve height and width and double the filters, the residual blocks, two that double
    the size again, and a 7 x 7 convolution. The paper takes 9 blocks for pictures of 256 pixels and more, 6 for 128.
    Its features are those of the first three convolutions, `first_conv`, `down1_conv`, `down2_conv`, and of each block,
    `block1_sum` and on.
    Source: https://arxiv.org/abs/1703.10593, after https://arxiv.org/abs/1603.08155.

    Args:
        input_shape: (H, W, C); H and W divisible by 4, and at least 8.
        output_channels: channels of the painted picture.
        blocks: number of residual blocks.
        filters: filters of the first layer; the blocks have four times as many.
        norm: `batch`, `instance` (each picture by itself, no parameters) or `none`.
        dropout: share of elements dropped within each block; the reference has 0 or 0.5.
        padding: how the blocks continue the picture at its border: by its mirror image or by zeros. The 7 x 7
            convolutions always take the mirror image.
        upsampling: how the size is doubled: `transposed` convolutions as in the paper, or `resize`, nearest pixels
            and then a convolution, which leaves no checkerboard (https://doi.org/10.23915/distill.00003).
        init: how kernels start: `normal`, N(0, 0.02) as in the paper; `xavier`, `he` or `orthogonal`.

    Raises:
        ValueError: if height or width cannot be halved twice, or are too small, or this machine's memory does not hold
            the weights.
    """
    _check(input_shape)
    kernels = _kernels(filters, blocks, input_shape[2], output_channels)
    require_weights(kernels, f"a ResNet of {blocks} blocks with {filters} filters")
    shared: dict[str, Any] = {"use_bias": biased(norm), "init": init}
    source = keras.Input(input_shape, name="source")

    x = convolution(source, filters, size=7, padding="reflect", **shared, name="first_conv")
    x = _activate(normalize(x, norm, name="first_norm"), "first")
    for level in range(1, HALVINGS + 1):
        name = f"down{level}"
        x = convolution(x, filters * 2**level, size=3, strides=2, **shared, name=f"{name}_conv")
        x = _activate(normalize(x, norm, name=f"{name}_norm"), name)

    width = filters * 2**HALVINGS
    for block in range(1, blocks + 1):
        name = f"block{block}"
        entering = x
        x = convolution(x, width, size=3, padding=padding, **shared, name=f"{name}_conv1")
        x = _activate(normalize(x, norm, name=f"{name}_norm1"), name)
        if dropout > 0:
            x = drop(x, dropout, name=f"{name}_dropout")
        x = convolution(x, width, size=3, padding=padding, **shared, name=f"{name}_conv2")
        x = normalize(x, norm, name=f"{name}_norm2")
        x = keras.layers.Add(name=f"{name}_sum")([entering, x])

    for level in range(HALVINGS, 0, -1):
        name = f"up{level}"
        width = filters * 2 ** (level - 1)
        x = upsample(x, width, upsampling, size=3, **shared, name=f"{name}_conv")
        x = _activate(normalize(x, norm, name=f"{name}_norm"), name)
    x = convolution(x, output_channels, size=7, padding="reflect", init=init, name="last_conv")
    # In float32 under mixed precision too: half precision has 11 bits of the picture's 8 left at best.
    painted = keras.layers.Activation("tanh", dtype="float32", name="painted")(x)
    network = keras.Model(source, painted, name="resnet")
    encoder = ["first_conv", *(f"down{level}_conv" for level in range(1, HALVINGS + 1))]
    return offer_features(network, [*encoder, *(f"block{n}_sum" for n in range(1, blocks + 1))])


def _kernels(
    filters: int, blocks: int, inputs: int, outputs: int
) -> Iterator[tuple[int, int, int]]:
    """Yield size, input and output channels of the kernels."""
    widths = [filters * 2**level for level in range(HALVINGS + 1)]
    yield 7, inputs, filters
    for width, wider in pairwise(widths):
        yield 3, width, wider
        yield 3, wider, width
    yield from repeat((3, widths[-1], widths[-1]), 2 * blocks)
    yield 7, filters, outputs


def _activate(x: Any, name: str) -> keras.KerasTensor:
    return keras.layers.ReLU(name=f"{name}_activation")(x)


def _check(input_shape: tuple[int, int, int]) -> None:
    height, width = input_shape[:2]
    step = 2**HALVINGS
    # A mirror image needs two pixels at least, at a quarter of the size.
    least = 2 * step
    if height % step == 0 and width % step == 0 and min(height, width) >= least:
        return
    sizes = [max(least, round(side / step) * step) for side in (height, width)]
    size = f"{sizes[0]}" if sizes[0] == sizes[1] else f"{sizes[0]} x {sizes[1]}"
    raise ValueError(
        f"a ResNet needs height and width divisible by {step} and at least {least}, "
        f"but the pictures are {height} x {width}; use a size of {size}"
    )
