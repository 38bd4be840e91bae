"""Encoders: any backbone as a network from pictures in [-1, 1] to feature maps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo_backbones.build import applications, keras_cv, keras_hub
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.catalog.library import Library
from zoo_backbones.own_layers import of_own_layers
from zoo_backbones.pyramid import positions_by_level
from zoo_backbones.scaling import COLOURS
from zoo_backbones.selection import BackboneChoice, select

Shape = tuple[int, int, int]

BUILDERS: Mapping[str, Any] = {
    KERAS_CV.name: keras_cv,
    KERAS_HUB.name: keras_hub,
    APPLICATIONS.name: applications,
}
# At a multiple of this size every level of a backbone has a whole number of pixels.
WHOLE = 64


def encoder(
    library: Library,
    input_shape: Shape,
    *,
    backbone: str,
    weights: str | None,
    frozen: bool,
    levels: Collection[int] | None,
) -> keras.Model:
    """Build an encoder: (N, H, W, C) in [-1, 1] to a list of feature maps, finest first.

    It is a functional network of Keras's own layers. Level n is 2 ** n times smaller than the picture. Pictures are
    scaled as the backbone was trained; pretrained weights, which are for colours, see other numbers of channels
    through a 1 x 1 convolution that is trained even if the backbone is frozen. It starts with the first three
    channels, or the mean of fewer.

    Args:
        library: where the backbone is from.
        input_shape: (H, W, C).
        backbone: name.
        weights: name or file of weights.
        frozen: whether the backbone stays as it is.
        levels: levels of the feature maps; None for all that it has.

    Raises:
        ValueError: if a name or a file is unknown, weights cannot be had, or the pictures do not fit.
    """
    builder = BUILDERS[library.name]
    selection = select(library, builder.presets(), backbone, weights)
    height, width, channels = input_shape
    taken = COLOURS if selection.pretrained else channels
    if selection.family and selection.family.square and height != width:
        raise ValueError(
            f"the backbone {selection.name} takes square pictures only, but these are {height} x {width}"
        )
    whole = (-height % WHOLE + height, -width % WHOLE + width)
    built = None
    if whole == (height, width):
        built = builder.build(selection, (*whole, taken))
        positions = positions_by_level(built.network)
    else:
        # Which feature map is of which level cannot be told where sizes are rounded.
        plain = replace(selection, pretrained=False, file=None)
        positions = positions_by_level(builder.build(plain, (*whole, taken)).network)
    chosen = _chosen(selection, positions, levels, (height, width))
    built = built or builder.build(selection, (height, width, taken))

    taken_out = [built.network.outputs[positions[level]] for level in chosen]
    features = of_own_layers(keras.Model(built.network.input, taken_out), selection.name, frozen)
    picture = keras.Input(input_shape, name="picture")
    colours = picture if taken == channels else _colours(picture)
    # By `call`, which lays out the layers, where calling the network would make it one layer.
    outputs = keras.tree.flatten(features.call(built.scaling(colours)))
    network = keras.Model(picture, outputs, name="encoder")
    if frozen:
        for layer in network.layers:
            # Batch normalisation then keeps to its running statistics, too.
            layer.trainable = layer.name == "colours"
    _check_innermost(selection, network, chosen[-1])
    return network


def _colours(picture: Any) -> Any:
    channels = picture.shape[-1]
    kernel = (
        np.eye(channels, COLOURS)
        if channels > COLOURS
        else np.full((channels, COLOURS), 1 / channels)
    )
    layer = keras.layers.Conv2D(COLOURS, 1, use_bias=False, name="colours")
    colours = layer(picture)
    layer.set_weights([kernel.reshape(1, 1, channels, COLOURS)])
    return colours


def _chosen(
    selection: BackboneChoice,
    positions: Mapping[int, int],
    levels: Collection[int] | None,
    size: tuple[int, int],
) -> list[int]:
    """Return the levels to take, finest first, each of which fits the pictures."""
    there = sorted(positions)
    if not any(there):
        raise ValueError(
            f"the backbone {selection.name} has no feature maps whose sizes are halves of the picture's; use another"
        )
    chosen = sorted(set(there if levels is None else levels))
    if unknown := [level for level in chosen if level not in there]:
        raise ValueError(
            f"the backbone {selection.name} has the levels {_listed(there)}, but not {_listed(unknown)}"
        )
    if not any(chosen):
        raise ValueError("levels is empty or 0 alone; a U-Net needs a level from 1 on")
    step = 2 ** chosen[-1]
    if any(side % step for side in size):
        fitting = [level for level in there if not any(side % 2**level for side in size)]
        sides = [max(step, round(side / step) * step) for side in size]
        wanted = f"{sides[0]}" if sides[0] == sides[1] else f"{sides[0]} x {sides[1]}"
        advice = (
            f"levels={fitting} or a size of {wanted}" if any(fitting) else f"a size of {wanted}"
        )
        raise ValueError(
            f"level {chosen[-1]} of the backbone {selection.name} needs height and width divisible by {step}, but "
            f"the pictures are {size[0]} x {size[1]}; use {advice}"
        )
    return chosen


def _check_innermost(selection: BackboneChoice, network: keras.Model, level: int) -> None:
    normalized = any(
        isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        for layer in network.layers
    )
    if normalized and network.outputs[-1].shape[1:3] == (1, 1):
        raise ValueError(
            f"level {level} of the backbone {selection.name} is a single pixel, which batch normalisation erases if "
            f"pictures come one at a time; use levels below {level}, pictures of {2 ** (level + 1)} pixels, or frozen"
        )


def _listed(levels: Collection[int]) -> str:
    return ", ".join(map(str, levels))
