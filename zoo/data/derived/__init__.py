"""Pairs of which only the targets are pictures in files: the sources are made from them."""

from zoo.data.derived.dataset import derive
from zoo.data.derived.derivation import Derivation

__all__ = ["Derivation", "derive"]
