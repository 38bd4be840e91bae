"""Building KerasCV's backbones."""

from __future__ import annotations

from typing import Any

import keras

from zoo_backbones.build.built import Built
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.fetching import fetched, load_file
from zoo_backbones.installed import imported
from zoo_backbones.scaling import SCALINGS
from zoo_backbones.selection import BackboneChoice

Shape = tuple[int, int, int]


def presets() -> dict[str, str]:
    """Return the pretrained weights of the catalogue's families: Kaggle's handles by name."""
    models = imported(KERAS_CV).models
    builders = {
        size.builder for family in KERAS_CV.families.values() for size in family.sizes.values()
    }
    return {
        name: preset["kaggle_handle"]
        for builder in sorted(builders)
        for name, preset in getattr(models, builder).presets_with_weights.items()
    }


def build(selection: BackboneChoice, input_shape: Shape) -> Built:
    """Build a backbone with its weights.

    Args:
        selection: what the recipe asks for.
        input_shape: (H, W, C) of the pictures.

    Raises:
        ValueError: if weights are missing, or the backbone has no feature pyramid.
    """
    models = imported(KERAS_CV).models
    # Scaled outside, by the same layer as for every other library.
    shared: dict[str, Any] = {"include_rescaling": False, "input_shape": input_shape}
    if selection.size and not selection.pretrained:
        size = selection.size
        backbone = getattr(models, size.builder)(**size.arguments, **shared)
    else:
        backbone = _from_preset(models, selection, shared)
    load_file(backbone, selection.name, selection.file)
    if not (names := _pyramid(backbone)):
        raise ValueError(
            f"the backbone {selection.name} of KerasCV has no feature pyramid; use another"
        )
    features = [backbone.get_layer(name).output for name in names.values()]
    return Built(keras.Model(backbone.input, features), SCALINGS["unit"])


def _pyramid(backbone: keras.Model) -> dict[str, str]:
    """Return the names of the layers that end a level."""
    try:
        names: dict[str, str] = backbone.pyramid_level_inputs
        return names
    # ViTDet has the property and refuses it.
    except (AttributeError, NotImplementedError):
        return {}


def _from_preset(models: Any, selection: BackboneChoice, arguments: dict[str, Any]) -> keras.Model:
    # KerasCV knows a preset by its class alone; a folder says itself which one it is.
    builder = getattr(models, selection.size.builder if selection.size else "Backbone")
    # None: if the preset has any.
    pretrained = None if selection.pretrained else False

    def load(preset: str) -> keras.Model:
        return builder.from_preset(preset, load_weights=pretrained, **arguments)

    return fetched(KERAS_CV, selection, presets(), load)
