"""What a library offers: families of backbones, each in several sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EXTRA = "pix2pix-zoo[backbones]"

# What a backbone was trained on: the range and the order of the colours; see `zoo_backbones.scaling`.
Scaling = Literal["bytes", "unit", "tf", "torch", "caffe"]


@dataclass(frozen=True)
class Size:
    """One backbone.

    Args:
        builder: class or function of the library.
        arguments: what it is called with.
    """

    builder: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """Backbones of one design.

    Args:
        title: as people write it.
        paper: arXiv id.
        sizes: by name; the first is what the family's own name stands for.
        scaling: what the library's pretrained weights expect.
        square: whether height and width of the pictures must be equal.
    """

    title: str
    paper: str
    sizes: Mapping[str, Size]
    scaling: Scaling
    square: bool = False


@dataclass(frozen=True)
class Library:
    """Where backbones come from.

    Args:
        name: as in the names of generators and backbones.
        title: as people write it.
        needs: the module to import.
        families: by name.
        files: the files of a preset, in words.
    """

    name: str
    title: str
    needs: str
    families: Mapping[str, Family]
    files: str = ""

    @property
    def extra(self) -> str:
        """What pip is to install for it; empty for what is a part of Keras."""
        return "" if self.needs == "keras" else EXTRA

    @property
    def sizes(self) -> dict[str, Family]:
        """The family of every size."""
        return {size: family for family in self.families.values() for size in family.sizes}

    def find(self, name: str) -> tuple[Family, str] | None:
        """Return the family of a name and the name of the size, or None if it is neither a family nor a size."""
        if name in self.families:
            family = self.families[name]
            return family, next(iter(family.sizes))
        return (self.sizes[name], name) if name in self.sizes else None
