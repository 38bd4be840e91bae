"""Building KerasHub's backbones."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from zoo_backbones.build.built import Built
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.fetching import fetched, load_file
from zoo_backbones.installed import imported
from zoo_backbones.scaling import SCALINGS, InputScaling
from zoo_backbones.selection import BackboneChoice

Shape = tuple[int, int, int]


def presets() -> dict[str, str]:
    """Return the pretrained weights of KerasHub's feature pyramids: Kaggle's handles by name."""
    pyramids = imported(KERAS_HUB).models.FeaturePyramidBackbone
    return {name: preset["kaggle_handle"] for name, preset in pyramids.presets.items()}


def build(selection: BackboneChoice, input_shape: Shape) -> Built:
    """Build a backbone with its weights.

    Args:
        selection: what the recipe asks for.
        input_shape: (H, W, C) of the pictures.

    Raises:
        ValueError: if weights are missing, or the backbone has no feature pyramid.
    """
    hub = imported(KERAS_HUB)
    if selection.family and selection.size and not selection.pretrained:
        builder = getattr(hub.models, selection.size.builder)
        shape = {_shape_argument(builder): input_shape}
        backbone = builder(**selection.size.arguments, **shape)
        scaling = SCALINGS[selection.family.scaling]
    else:
        backbone, scaling = _from_preset(hub, selection, input_shape)
    load_file(backbone, selection.name, selection.file)
    features = getattr(backbone, "pyramid_outputs", None)
    if not features:
        raise ValueError(
            f"the backbone {selection.name} of KerasHub has no feature pyramid; use another"
        )
    return Built(keras.Model(backbone.input, list(features.values())), scaling)


def _from_preset(
    hub: Any, selection: BackboneChoice, input_shape: Shape
) -> tuple[keras.Model, InputScaling]:
    def load(preset: str) -> tuple[keras.Model, InputScaling]:
        backbone = hub.models.Backbone.from_preset(
            preset,
            load_weights=selection.pretrained,
            **{_shape_argument(_builder(hub, selection)): input_shape},
        )
        return backbone, _scaling(hub, preset)

    return fetched(KERAS_HUB, selection, presets(), load)


def _shape_argument(builder: Any) -> str:
    # EfficientNet calls it otherwise than the rest.
    return (
        "input_shape" if "input_shape" in inspect.signature(builder).parameters else "image_shape"
    )


def _builder(hub: Any, selection: BackboneChoice) -> Any:
    """Return the class of a preset, as far as that is known before it is loaded."""
    families = [selection.family] if selection.family else KERAS_HUB.families.values()
    names = [size.builder for family in families for size in family.sizes.values()]
    if selection.family:
        return getattr(hub.models, names[0])
    classes = [getattr(hub.models, name) for name in names]
    known = (found for found in classes if selection.preset in found.presets)
    return next(known, hub.models.Backbone)


def _scaling(hub: Any, preset: str) -> InputScaling:
    """Return what the weights were trained on, as the preset tells it."""
    try:
        converter = hub.layers.ImageConverter.from_preset(preset)
    except (OSError, ValueError):
        # Presets may come without; most of KerasHub's pyramids are timm's, which has ImageNet's figures.
        return SCALINGS["torch"]
    scale = 1.0 if converter.scale is None else converter.scale
    offset = 0.0 if converter.offset is None else converter.offset
    return InputScaling(scale, offset)
