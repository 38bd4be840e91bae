"""The backbones by themselves, as networks from pictures to feature maps."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Literal

import keras

from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.catalog.library import Library
from zoo_backbones.encoder import encoder
from zoo_backbones.selection import AS_NAMED

DOCSTRING = """Build {title}'s {family} as an encoder: (N, H, W, C) in [-1, 1] to a list of feature maps, finest first.

Args:
    input_shape: (H, W, C); H and W divisible by 2 to the power of the innermost level.
    size: which one.
    weights: `preset` or null, none; the name of pretrained weights, such as `imagenet`; or a file ending in .h5.
    frozen: leave it as it is.
    levels: the feature maps to return, by level: level n is 2 ** n times smaller than the picture; null for all.

Raises:
    ValueError: if weights cannot be had, or the pictures do not fit.
"""


def _backbone(library: Library, family: str) -> Callable[..., keras.Model]:
    def backbone(
        input_shape: tuple[int, int, int],
        *,
        size: str = next(iter(library.families[family].sizes)),
        weights: str | None = AS_NAMED,
        frozen: bool = False,
        levels: tuple[int, ...] | None = None,
    ) -> keras.Model:
        return encoder(
            library, input_shape, backbone=size, weights=weights, frozen=frozen, levels=levels
        )

    backbone.__name__ = family
    backbone.__doc__ = DOCSTRING.format(title=library.title, family=library.families[family].title)
    backbone.__annotations__["size"] = Literal[tuple(library.families[family].sizes)]
    return backbone


def _backbones(library: Library) -> SimpleNamespace:
    return SimpleNamespace(**{family: _backbone(library, family) for family in library.families})


keras_cv = _backbones(KERAS_CV)
keras_hub = _backbones(KERAS_HUB)
applications = _backbones(APPLICATIONS)
