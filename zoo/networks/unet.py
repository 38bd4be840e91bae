"""U-Net: an encoder and a decoder with skip connections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated

import keras
from pydantic import Field

from zoo.memory import require_weights
from zoo.networks.blocks import (
    SLOPE,
    Normalization,
    Upsampling,
    biased,
    convolution,
    drop,
    normalize,
    upsample,
)
from zoo.networks.features import offer_features
from zoo.networks.initial import Initial

# The reference drops elements in the decoder from this level inwards, the innermost excepted.
FIRST_DROPPED_LEVEL = 5


def unet(
    input_shape: tuple[int, int, int],
    output_channels: int,
    *,
    depth: Annotated[int, Field(ge=2, le=16)] = 8,
    filters: Annotated[int, Field(ge=1)] = 64,
    norm: Normalization = "batch",
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5,
    upsampling: Upsampling = "transposed",
    init: Initial = "normal",
) -> keras.Model:
    """Build the U-Net of pix2pix: (N, H, W, C) in [-1, 1] to a float32 picture in [-1, 1].

    Each level halves height and width; its filters double up to eight times those of the first. Depth 8
    at 256 x 256 and 7 at 128 x 128 squeeze the picture into one pixel. The first level has no
    normalisation, nor has the innermost: batch norm over a single value would erase it.
    Its features are what the encoder's convolutions answer, `down1_conv` and on.
    Source: https://arxiv.org/abs/1611.07004.

    Args:
        input_shape: (H, W, C); H and W divisible by 2 ** depth.
        output_channels: channels of the painted picture.
        depth: number of levels.
        filters: filters of the first level.
        norm: `batch`, `instance` (each picture by itself, no parameters) or `none`.
        dropout: share of elements dropped on the decoder's inner levels (the fifth and deeper, the
            innermost excepted); 0 for no dropout.
        upsampling: how the decoder doubles height and width: `transposed` convolutions as in the paper, or
            `resize`, nearest pixels and then a convolution, which leaves no checkerboard
            (https://doi.org/10.23915/distill.00003).
        init: how kernels start: `normal`, N(0, 0.02) as in the paper; `xavier`; `he`, which keeps the size of the
            signal where nothing normalises it (https://arxiv.org/abs/1502.01852); or `orthogonal`.

    Raises:
        ValueError: if height or width cannot be halved that often, or this machine's memory does not hold the
            weights.
    """
    _check(input_shape, depth)
    widths = [filters * min(2**level, 8) for level in range(depth)]
    kernels = _kernels(widths, input_shape[2], output_channels, 3 if upsampling == "resize" else 4)
    require_weights(kernels, f"a U-Net of depth {depth} with {filters} filters")
    source = keras.Input(input_shape, name="source")

    skips = []
    x = source
    for level, width in enumerate(widths, start=1):
        plain = level in (1, depth)
        if level > 1:
            x = keras.layers.LeakyReLU(SLOPE, name=f"down{level}_activation")(x)
        x = convolution(
            x, width, strides=2, use_bias=biased(norm), init=init, name=f"down{level}_conv"
        )
        if not plain:
            x = normalize(x, norm, name=f"down{level}_norm")
        skips.append(x)

    for level in range(depth, 1, -1):
        if level < depth:
            x = keras.layers.Concatenate(name=f"up{level}_skip")([skips[level - 1], x])
        x = keras.layers.ReLU(name=f"up{level}_activation")(x)
        x = upsample(
            x,
            widths[level - 2],
            upsampling,
            use_bias=biased(norm),
            init=init,
            name=f"up{level}_conv",
        )
        x = normalize(x, norm, name=f"up{level}_norm")
        if dropout > 0 and FIRST_DROPPED_LEVEL <= level < depth:
            x = drop(x, dropout, name=f"up{level}_dropout")
    x = keras.layers.Concatenate(name="up1_skip")([skips[0], x])
    x = keras.layers.ReLU(name="up1_activation")(x)
    x = upsample(x, output_channels, upsampling, init=init, name="up1_conv")
    # In float32 under mixed precision too: half precision has 11 bits of the picture's 8 left at best.
    painted = keras.layers.Activation("tanh", dtype="float32", name="painted")(x)
    network = keras.Model(source, painted, name="unet")
    return offer_features(network, [f"down{level}_conv" for level in range(1, depth + 1)])


def _kernels(
    widths: Sequence[int], inputs: int, outputs: int, size: int
) -> Iterator[tuple[int, int, int]]:
    """Yield size, input and output channels of the kernels; `size` is the decoder's."""
    for before, width in pairwise([inputs, *widths]):
        yield 4, before, width
    yield size, widths[-1], widths[-2]
    for width, after in pairwise([*reversed(widths[:-1]), outputs]):
        yield size, 2 * width, after


def _check(input_shape: tuple[int, int, int], depth: int) -> None:
    height, width = input_shape[:2]
    step = 2**depth
    if height % step == 0 and width % step == 0:
        return
    deepest = min(_halvings(height), _halvings(width))
    sizes = [max(step, round(side / step) * step) for side in (height, width)]
    size = f"{sizes[0]}" if sizes[0] == sizes[1] else f"{sizes[0]} x {sizes[1]}"
    advice = f"depth {deepest} or a size of {size}" if deepest >= 2 else f"a size of {size}"
    raise ValueError(
        f"a U-Net of depth {depth} needs height and width divisible by {step}, "
        f"but the pictures are {height} x {width}; use {advice}"
    )


def _halvings(side: int) -> int:
    return (side & -side).bit_length() - 1
