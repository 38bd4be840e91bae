"""The decoder that makes a U-Net of an encoder."""

from __future__ import annotations

from typing import Any, Literal

import keras

from zoo import require_weights
from zoo.networks import Initial, Normalization, Upsampling, convolution, drop, normalize, upsample

Decoder = Literal["unet", "linknet"]

# Filters double from level to level up to this factor, as in zoo's own U-Net.
WIDEST = 8
# Innermost steps of the decoder that drop elements.
DROPPING = 2


def unet(
    encoder: keras.Model,
    output_channels: int,
    *,
    decoder: Decoder,
    filters: int | tuple[int, ...],
    norm: Normalization,
    dropout: float,
    upsampling: Upsampling,
    init: Initial,
) -> keras.Model:
    """Build a U-Net: (N, H, W, C) in [-1, 1] to a float32 picture in [-1, 1].

    From the innermost feature map on, height and width are doubled and the encoder's map of that level joined. At
    full size, where few encoders have one, that is a 3 x 3 convolution of the picture itself.

    Args:
        encoder: from pictures to feature maps, finest first.
        output_channels: channels of the painted picture.
        decoder: how maps are joined.
        filters: filters at full size, doubled from level to level, or those of every level, full size first.
        norm: normalisation of the decoder.
        dropout: share of elements dropped on the two innermost steps.
        upsampling: how height and width are doubled.
        init: how the decoder's kernels start.

    Raises:
        ValueError: if `filters` are not as many as the decoder's levels, or not positive, or too many for the memory
            of this machine.
    """
    source = keras.Input(encoder.input_shape[1:], name="source")
    features = keras.tree.flatten(encoder(source))
    height = encoder.input_shape[1]
    skips = {(height // feature.shape[1]).bit_length() - 1: feature for feature in features}
    deepest = max(skips)
    widths = _widths(filters, deepest)
    # Of the decoder's kernels the ones that double height and width; no other is larger in order.
    entering = [*widths[1:], skips[deepest].shape[-1]]
    kernels = [(3, inputs, width) for inputs, width in zip(entering, widths, strict=True)]
    require_weights(kernels, f"a decoder with {filters} filters")

    # Normalisation takes a bias away again.
    use_bias = norm == "none"

    def settled(x: Any, name: str) -> Any:
        return keras.layers.ReLU(name=f"{name}_activation")(normalize(x, norm, name=f"{name}_norm"))

    def convolved(x: Any, width: int, size: int, name: str) -> Any:
        x = convolution(x, width, size=size, use_bias=use_bias, init=init, name=f"{name}_conv")
        return settled(x, name)

    if 0 not in skips:
        skips[0] = convolved(source, widths[0], 3, "stem")
    x = skips[deepest]
    for level in reversed(range(deepest)):
        width = widths[level]
        x = upsample(x, width, upsampling, use_bias=use_bias, init=init, name=f"up{level}_conv")
        x = settled(x, f"up{level}")
        if dropout > 0 and deepest - level <= DROPPING:
            x = drop(x, dropout, name=f"up{level}_dropout")
        if level not in skips:
            continue
        if decoder == "linknet":
            skip = convolved(skips[level], width, 1, f"skip{level}")
            x = keras.layers.Add(name=f"join{level}")([skip, x])
        else:
            x = keras.layers.Concatenate(name=f"join{level}")([skips[level], x])
            x = convolved(x, width, 3, f"joined{level}")
    x = convolution(x, output_channels, size=3, init=init, name="paint_conv")
    # In float32 under mixed precision too: half precision has 11 bits of the picture's 8 left at best.
    painted = keras.layers.Activation("tanh", dtype="float32", name="painted")(x)
    return keras.Model(source, painted, name="unet")


def _widths(filters: int | tuple[int, ...], levels: int) -> tuple[int, ...]:
    if isinstance(filters, int):
        filters = tuple(filters * min(2**level, WIDEST) for level in range(levels))
    if len(filters) != levels or min(filters) < 1:
        raise ValueError(
            f"filters must be one positive number, or {levels} of them for the levels 0 to {levels - 1}; "
            f"got {list(filters)}"
        )
    return filters
