"""Building the networks of keras.applications."""

from __future__ import annotations

import warnings

import keras

from zoo_backbones.build.built import Built
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.fetching import fetched_file, load_file
from zoo_backbones.pyramid import with_junctions
from zoo_backbones.scaling import SCALINGS
from zoo_backbones.selection import BackboneChoice

Shape = tuple[int, int, int]


def presets() -> dict[str, str]:
    """Return the pretrained weights, all of ImageNet: the names of the networks by name."""
    sizes = [size for family in APPLICATIONS.families.values() for size in family.sizes]
    return {f"{size}_imagenet": size for size in sizes}


def build(selection: BackboneChoice, input_shape: Shape) -> Built:
    """Build a network with its weights.

    Args:
        selection: what the recipe asks for.
        input_shape: (H, W, C) of the pictures.

    Raises:
        ValueError: if the weights cannot be downloaded.
    """
    size, family = selection.size, selection.family
    if size is None or family is None:
        raise ValueError(
            f"keras.applications has names for its networks, no presets like {selection.name}"
        )
    builder = getattr(keras.applications, size.builder)

    def load(weights: str | None) -> keras.Model:
        with warnings.catch_warnings():
            # MobileNets warn that they take the weights for 224 px; their convolutions fit every size.
            warnings.filterwarnings("ignore", message="`input_shape` is undefined or non-square")
            # All of them take any number of channels if they have no pretrained weights.
            warnings.filterwarnings("ignore", message="This model usually expects 1 or 3 input")
            return builder(
                include_top=False, weights=weights, input_shape=input_shape, **size.arguments
            )

    pretrained = selection.pretrained
    network = fetched_file(size.builder, lambda: load("imagenet")) if pretrained else load(None)
    load_file(network, selection.name, selection.file)
    return Built(with_junctions(network), SCALINGS[family.scaling])
