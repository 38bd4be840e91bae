"""What the words `backbone` and `weights` of a recipe stand for."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from zoo import nearest
from zoo_backbones.catalog.library import Family, Library, Size

# The default of `weights`: those that the name of the backbone asks for.
AS_NAMED = "preset"


@dataclass(frozen=True)
class BackboneChoice:
    """A network to build and where its weights come from.

    Args:
        name: as the recipe has it.
        family: the family, if it is in the catalogue.
        size: how to build it without a connection; None takes the architecture of the preset.
        preset: name, handle or folder of the pretrained weights, or of the architecture if `size` is None.
        pretrained: whether the weights of the preset are loaded.
        file: a file of weights to load.
    """

    name: str
    family: Family | None
    size: Size | None
    preset: str | None = None
    pretrained: bool = False
    file: Path | None = None


def select(
    library: Library, presets: Collection[str], backbone: str, weights: str | None
) -> BackboneChoice:
    """Read the words of a recipe.

    Args:
        library: where the backbone is from.
        presets: names of the library's pretrained weights, each the name of a size and a suffix.
        backbone: a family, a size, a preset, a folder that holds one, or a handle such as `hf://…`.
        weights: `preset`, None, a preset or its suffix, or a file of weights.

    Raises:
        ValueError: if a word stands for nothing, or the two do not fit together.
    """
    file = _file(weights)
    named = weights if weights not in (None, AS_NAMED) and file is None else None
    if backbone in presets:
        return _of_preset(library, presets, backbone, weights, file, named)
    config = Path(backbone, "config.json")
    if "://" in backbone or config.is_file():
        if named:
            raise ValueError(
                f"the backbone {backbone} is a preset with weights of its own, but weights is '{named}'; "
                "leave weights out, or give null or a file"
            )
        family = _family_of(library, config)
        return BackboneChoice(backbone, family, None, backbone, weights == AS_NAMED, file)
    if (found := library.find(backbone)) is None:
        raise ValueError(_unknown(library, presets, backbone))
    family, size = found
    preset = _preset(library, presets, size, named) if named else None
    return BackboneChoice(size, family, family.sizes[size], preset, preset is not None, file)


def _of_preset(
    library: Library,
    presets: Collection[str],
    backbone: str,
    weights: str | None,
    file: Path | None,
    named: str | None,
) -> BackboneChoice:
    """The backbone is the name of pretrained weights: its architecture, and these weights unless others are given."""
    size = owner(library, backbone)
    if named and named != backbone and not backbone.endswith(f"_{named}"):
        raise ValueError(
            f"the backbone '{backbone}' names its weights, but weights is '{named}'; "
            f"name the architecture alone{f', {size}' if size else ''}"
        )
    family = library.sizes[size] if size else None
    architecture = family.sizes[size] if family and size else None
    pretrained = weights is not None and file is None
    return BackboneChoice(backbone, family, architecture, backbone, pretrained, file)


def _family_of(library: Library, config: Path) -> Family | None:
    """Return the family of a preset's folder, by the class that its configuration names."""
    if not config.is_file():
        return None
    try:
        name = json.loads(config.read_text(encoding="utf-8"))["class_name"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{config} is not the configuration of a preset: {error}") from error
    for family in library.families.values():
        if any(size.builder == name for size in family.sizes.values()):
            return family
    return None


def _preset(library: Library, presets: Collection[str], size: str, named: str) -> str:
    """Return the preset that `named` means for a size: its full name, or what follows the size in it."""
    fitting = sorted(preset for preset in presets if owner(library, preset) == size)
    for preset in (named, f"{size}_{named}"):
        if preset in fitting:
            return preset
    suffixes = [preset.removeprefix(f"{size}_") for preset in fitting]
    there = f"there is {', '.join(suffixes)}" if suffixes else "there are none for this size"
    raise ValueError(
        f"{library.title} has no weights '{named}' for {size}; {there}. "
        f"A file of weights must end in .h5; null is for none.{nearest(named, suffixes)}"
    )


def owner(library: Library, preset: str) -> str | None:
    """Return the size whose weights a preset holds: `resnet50_v2` for `resnet50_v2_imagenet`, not `resnet50`."""
    owners = [size for size in library.sizes if preset.startswith(f"{size}_")]
    return max(owners, key=len, default=None)


def _file(weights: str | None) -> Path | None:
    if weights is None or not weights.endswith(".h5"):
        return None
    path = Path(weights).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file of weights {weights}")
    return path


def _unknown(library: Library, presets: Collection[str], backbone: str) -> str:
    known = [*library.families, *library.sizes, *presets]
    return (
        f"{library.title} has no backbone '{backbone}'; there is {', '.join(sorted(library.families))}, "
        f"each in several sizes (zoo list backbones).{nearest(backbone, known)}"
    )
