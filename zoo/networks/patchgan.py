"""PatchGAN: a discriminator that judges overlapping patches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import keras
from pydantic import Field

from zoo.memory import require_weights
from zoo.networks.blocks import SLOPE, Normalization, biased, convolution, normalize
from zoo.networks.features import offer_features
from zoo.networks.initial import Initial


def patchgan(
    input_shape: tuple[int, int, int],
    *,
    layers: Annotated[int, Field(ge=1, le=16)] = 3,
    filters: Annotated[int, Field(ge=1)] = 64,
    norm: Normalization = "batch",
    init: Initial = "normal",
    spectral_norm: bool = False,
) -> keras.Model:
    """Build PatchGAN: (N, H, W, C) to one float32 logit a patch, (N, h, w, 1).

    Three layers judge patches of 70 x 70 pixels: 30 x 30 logits for a picture of 256 x 256. Source and
    picture come stacked as channels. Source: https://arxiv.org/abs/1611.07004.

    Args:
        input_shape: (H, W, C) with C the channels of source and target together.
        layers: layers that halve the picture; 1 sees 16 x 16 pixels, 2: 34, 3: 70, 4: 142, 5: 286.
        filters: filters of the first layer; they double each layer up to eight times.
        norm: `batch`, `instance` (each picture by itself, no parameters) or `none`; the first and the
            last layer have none.
        init: how kernels start: `normal`, N(0, 0.02) as in the paper; `xavier`, `he` or `orthogonal`.
        spectral_norm: divide each kernel by its largest singular value (https://arxiv.org/abs/1802.05957).

    Raises:
        ValueError: if the picture is too small for that many layers, or this machine's memory does not hold the
            weights.
    """
    check_size(input_shape, layers)
    widths = patch_widths(filters, layers)
    kernels = [(4, before, width) for before, width in pairwise([input_shape[2], *widths, 1])]
    require_weights(kernels, f"a PatchGAN of {layers} layers with {filters} filters")
    pair = keras.Input(input_shape, name="pair")
    logits, features = judge_patches(pair, widths, norm, init=init, spectral_norm=spectral_norm)
    return offer_features(keras.Model(pair, logits, name="patchgan"), features)


def judge_patches(
    x: Any, widths: Sequence[int], norm: Normalization, *, prefix: str = "", **shared: Any
) -> tuple[keras.KerasTensor, list[str]]:
    """Add PatchGAN's layers; return the logits and the names of the layers whose outputs are features.

    Args:
        x: pictures, or what they were reduced to.
        widths: filters of the layers but the last; all but the last of them halve height and width.
        norm: as of `patchgan`.
        prefix: beginning of the layers' names.
        shared: arguments of every convolution.
    """
    features = []
    for layer, width in enumerate(widths, start=1):
        name = f"{prefix}layer{layer}"
        plain = layer == 1
        x = convolution(
            x,
            width,
            strides=2 if layer < len(widths) else 1,
            use_bias=plain or biased(norm),
            **shared,
            name=f"{name}_conv",
        )
        if not plain:
            x = normalize(x, norm, name=f"{name}_norm")
        features.append(f"{name}_activation")
        x = keras.layers.LeakyReLU(SLOPE, name=features[-1])(x)
    # In float32 under mixed precision too, at a few thousandths of the cost; on the CPU torch cannot differentiate a
    # half precision convolution to one filter.
    name = f"{prefix}layer{len(widths) + 1}_conv"
    return convolution(x, 1, dtype="float32", **shared, name=name), features


def patch_widths(filters: int, layers: int) -> list[int]:
    """Return the filters of PatchGAN's layers but the last.

    Args:
        filters: of the first.
        layers: that halve height and width; one more follows them.
    """
    return [filters * min(2**layer, 8) for layer in range(layers + 1)]


def check_size(input_shape: tuple[int, int, int], layers: int) -> None:
    """See that a picture is large enough.

    Args:
        input_shape: (H, W, C).
        layers: as of `patchgan`.

    Raises:
        ValueError: if it is too small, with what to use.
    """
    height, width = input_shape[:2]
    side = min(height, width)
    # The two last convolutions each take a pixel away, and one must remain.
    if side // 2**layers >= 3:
        return
    fitting = max((n for n in range(1, layers) if side // 2**n >= 3), default=None)
    size = f"a size of at least {3 * 2**layers}"
    raise ValueError(
        f"a PatchGAN of {layers} layers needs pictures of at least {3 * 2**layers} x {3 * 2**layers}, "
        f"but they are {height} x {width}; use {size if fitting is None else f'{fitting} layers or {size}'}"
    )
