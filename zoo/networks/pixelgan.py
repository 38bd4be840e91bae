"""PixelGAN: a discriminator that judges every pixel by itself."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from pydantic import Field

from zoo.memory import require_weights
from zoo.networks.blocks import SLOPE, Normalization, biased, convolution, normalize
from zoo.networks.features import offer_features
from zoo.networks.initial import Initial


def pixelgan(
    input_shape: tuple[int, int, int],
    *,
    filters: Annotated[int, Field(ge=1)] = 64,
    norm: Normalization = "batch",
    init: Initial = "normal",
    spectral_norm: bool = False,
) -> keras.Model:
    """Build the pixel discriminator: (N, H, W, C) to one float32 logit a pixel, (N, H, W, 1).

    Three 1 x 1 convolutions, so that it judges colours and no shapes. Source and picture come stacked as channels.
    Source: https://arxiv.org/abs/1611.07004.

    Args:
        input_shape: (H, W, C) with C the channels of source and target together.
        filters: filters of the first layer; the second has twice as many.
        norm: `batch`, `instance` (each picture by itself, no parameters) or `none`, of the second layer.
        init: how kernels start: `normal`, N(0, 0.02) as in the paper; `xavier`, `he` or `orthogonal`.
        spectral_norm: divide each kernel by its largest singular value (https://arxiv.org/abs/1802.05957).

    Raises:
        ValueError: if this machine's memory does not hold the weights.
    """
    kernels = [(1, input_shape[2], filters), (1, filters, 2 * filters), (1, 2 * filters, 1)]
    require_weights(kernels, f"a PixelGAN with {filters} filters")
    shared: dict[str, Any] = {"size": 1, "init": init, "spectral_norm": spectral_norm}
    pair = keras.Input(input_shape, name="pair")
    x = convolution(pair, filters, **shared, name="layer1_conv")
    x = keras.layers.LeakyReLU(SLOPE, name="layer1_activation")(x)
    x = convolution(x, 2 * filters, use_bias=biased(norm), **shared, name="layer2_conv")
    x = normalize(x, norm, name="layer2_norm")
    x = keras.layers.LeakyReLU(SLOPE, name="layer2_activation")(x)
    # In float32 under mixed precision too, as in PatchGAN. The reference's bias here follows the normalisation.
    logits = convolution(x, 1, use_bias=biased(norm), dtype="float32", **shared, name="layer3_conv")
    network = keras.Model(pair, logits, name="pixelgan")
    return offer_features(network, ["layer1_activation", "layer2_activation"])
