"""The generators: a U-Net on any backbone of a library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import keras
from pydantic import Field

from zoo.networks import Initial, Normalization, Upsampling
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.catalog.library import Library
from zoo_backbones.encoder import encoder
from zoo_backbones.selection import AS_NAMED
from zoo_backbones.unet import Decoder, unet

DOCSTRING = """Build a U-Net whose encoder is a backbone of {title}: (N, H, W, C) in [-1, 1] to the same, float32.

The backbone sees the pictures scaled as it was trained. A network without pretrained weights is built without a
network connection; weights that cannot be downloaded are told with their address and where to put them. The saved
network holds Keras's own layers alone and loads without {title}.

Args:
    input_shape: (H, W, C); H and W divisible by 2 to the power of the innermost level.
    output_channels: channels of the painted picture.
    backbone: a family (its first size is taken), a size{or_more}; 'zoo list backbones' lists them.
    weights: `preset`, those that the name of the backbone asks for, if it does; null, none; the name of pretrained
        weights, such as `imagenet`; or a file ending in .h5 that `save_weights` of the same backbone wrote.
    frozen: leave the backbone as it is; its batch normalisation then uses its running statistics.
    levels: the backbone's feature maps to join, by level: level n is 2 ** n times smaller than the picture, the last
        one is the innermost; null for all.
    decoder: `unet` joins feature maps beside the decoder's own and convolves both; `linknet` adds them, which takes
        less memory (https://arxiv.org/abs/1707.03718).
    filters: the decoder's filters at full size, doubled from level to level up to eight times; or those of each
        level, full size first.
    norm: normalisation in the decoder: `batch`, `instance` (each picture by itself, no parameters) or `none`.
    dropout: share of elements dropped on the decoder's two innermost steps; 0 for no dropout.
    upsampling: how the decoder doubles height and width: `resize`, nearest pixels and then a convolution, or
        `transposed` convolutions.
    init: how the decoder's kernels start: `normal`, `xavier`, `he` or `orthogonal`.

Raises:
    ValueError: if a name is unknown, weights cannot be had, or the pictures do not fit.
"""


def _generator(library: Library, or_more: str) -> Callable[..., keras.Model]:
    def generator(
        input_shape: tuple[int, int, int],
        output_channels: int,
        *,
        backbone: str,
        weights: str | None = AS_NAMED,
        frozen: bool = False,
        levels: tuple[int, ...] | None = None,
        decoder: Decoder = "unet",
        filters: int | tuple[int, ...] = 32,
        norm: Normalization = "batch",
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5,
        upsampling: Upsampling = "resize",
        init: Initial = "normal",
    ) -> keras.Model:
        features = encoder(
            library,
            input_shape,
            backbone=backbone,
            weights=weights,
            frozen=frozen,
            levels=levels,
        )
        return unet(
            features,
            output_channels,
            decoder=decoder,
            filters=filters,
            norm=norm,
            dropout=dropout,
            upsampling=upsampling,
            init=init,
        )

    generator.__name__ = f"{library.name}_unet"
    generator.__doc__ = DOCSTRING.format(title=library.title, or_more=or_more)
    return generator


keras_cv_unet = _generator(KERAS_CV, ", a preset or its folder")
keras_hub_unet = _generator(
    KERAS_HUB, ", a preset, its folder or a handle such as hf://timm/resnet18.a1_in1k"
)
applications_unet = _generator(APPLICATIONS, "")
