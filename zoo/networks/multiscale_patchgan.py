"""PatchGAN at several scales."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import keras
from pydantic import Field

from zoo.memory import require_weights
from zoo.networks.blocks import Normalization
from zoo.networks.features import offer_features
from zoo.networks.initial import Initial
from zoo.networks.patchgan import check_size, judge_patches, patch_widths


def multiscale_patchgan(
    input_shape: tuple[int, int, int],
    *,
    scales: Annotated[int, Field(ge=1, le=6)] = 2,
    layers: Annotated[int, Field(ge=1, le=16)] = 3,
    filters: Annotated[int, Field(ge=1)] = 64,
    norm: Normalization = "instance",
    init: Initial = "normal",
    spectral_norm: bool = False,
) -> keras.Model:
    """Build pix2pixHD's discriminator: one PatchGAN for each scale, each with float32 logits (N, h, w, 1) of its own.

    The first sees the pictures, every further one their means over 2 x 2 pixels, so that it judges patches of twice the
    size. Losses and penalties are averaged over the scales. Source: https://arxiv.org/abs/1711.11585, where the means
    are over 3 x 3 pixels.

    Args:
        input_shape: (H, W, C) with C the channels of source and target together.
        scales: number of PatchGANs.
        layers: layers of each that halve the picture; see `patchgan`.
        filters: filters of each first layer.
        norm: `batch`, `instance` (each picture by itself, no parameters) or `none`.
        init: how kernels start: `normal`, N(0, 0.02); `xavier`, `he` or `orthogonal`.
        spectral_norm: divide each kernel by its largest singular value (https://arxiv.org/abs/1802.05957).

    Raises:
        ValueError: if the picture is too small for that many layers at the last scale, or this machine's memory does
            not hold the weights.
    """
    height, width, channels = input_shape
    reduction = 2 ** (scales - 1)
    try:
        check_size((height // reduction, width // reduction, channels), layers)
    except ValueError as error:
        if scales == 1:
            raise
        raise ValueError(
            f"scale {scales} of {scales} sees pictures of {height} x {width} reduced to "
            f"{height // reduction} x {width // reduction}: {error}, or fewer scales"
        ) from error
    widths = patch_widths(filters, layers)
    kernels = [(4, before, after) for before, after in pairwise([channels, *widths, 1])] * scales
    require_weights(kernels, f"{scales} PatchGANs of {layers} layers with {filters} filters")
    pair = keras.Input(input_shape, name="pair")
    x, logits, features = pair, [], []
    for scale in range(1, scales + 1):
        if scale > 1:
            x = keras.layers.AveragePooling2D(2, name=f"scale{scale}")(x)
        answer, names = judge_patches(
            x, widths, norm, prefix=f"scale{scale}_", init=init, spectral_norm=spectral_norm
        )
        logits.append(answer)
        features += names
    outputs = logits if scales > 1 else logits[0]
    return offer_features(keras.Model(pair, outputs, name="multiscale_patchgan"), features)
