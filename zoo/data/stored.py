"""Pictures as they are stored, by index: what datasets differ in."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from zoo.data.naming import name_of
from zoo.pictures import PictureFormat

Loaded = tuple[np.ndarray, ...]


class Stored(Protocol):
    """Items of one picture, or of a source and its target, by index."""

    @property
    def formats(self) -> tuple[PictureFormat, ...]:
        """The formats of the pictures of an item, the source first."""
        ...

    def __len__(self) -> int:
        """Number of items."""
        ...

    def load(self, index: int) -> Loaded:
        """Return the pictures of an item, each as `PictureFormat.as_stored` gives it, equally large."""
        ...


class Cached:
    """Items that stay in memory once they were loaded, before any augmentation.

    Args:
        stored: where they come from.
    """

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._known: dict[int, Loaded] = {}

    @property
    def formats(self) -> tuple[PictureFormat, ...]:
        """Those of the items."""
        return self._stored.formats

    def __len__(self) -> int:
        return len(self._stored)

    def load(self, index: int) -> Loaded:
        """Return the pictures of an item; see `Stored`."""
        # Two threads that come at once both load it, which costs less than a lock for all.
        if index not in self._known:
            self._known[index] = self._stored.load(index)
        return self._known[index]

    def name(self, index: int) -> str:
        """Return a name for an item; see `zoo.data.naming`."""
        return name_of(self._stored, index)
