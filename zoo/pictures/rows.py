"""Pictures of which parts can be read: in memory, of several pages, turned upright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zoo.pictures.orientation import MIRRORED, TRANSPOSED, UPSIDE_DOWN, upright

# Bytes of a stored picture that are read at a time.
AT_A_TIME = 2**25


class Rows(Protocol):
    """A picture of which parts can be read."""

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return rows from `top` to before `below` of columns alike, (height, width, channels) in values of files."""
        ...


@dataclass(frozen=True)
class ArrayRows:
    """A picture in memory.

    Args:
        array: (height, width, channels).
    """

    array: np.ndarray

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a part, which shares the memory."""
        return self.array[top:below, left:right]


@dataclass(frozen=True)
class JoinedRows:
    """Pages of one size that are the channels of one picture.

    Args:
        pages: in order.
    """

    pages: Sequence[Rows]

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a part of all pages."""
        return np.concatenate([page.read(top, below, left, right) for page in self.pages], axis=-1)


@dataclass(frozen=True)
class UprightRows:
    """Parts of an upright picture, each of which is a turned part of the stored one.

    Args:
        rows: the stored picture.
        orientation: its orientation, 2 to 8.
        height: of the upright picture.
        width: of the upright picture.
    """

    rows: Rows
    orientation: int
    height: int
    width: int

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a part. What is stored is read some rows at a time, so that no more than the part is held."""
        if self.orientation in UPSIDE_DOWN:
            top, below = self.height - below, self.height - top
        if self.orientation in MIRRORED:
            left, right = self.width - right, self.width - left
        if self.orientation not in TRANSPOSED:
            return upright(self.rows.read(top, below, left, right), self.orientation)
        # Rows of the upright picture are columns of the stored one.
        top, below, left, right = left, right, top, below
        first = self.rows.read(top, top + 1, left, right)
        stored = np.empty((below - top, *first.shape[1:]), first.dtype)
        step = max(1, AT_A_TIME // (self.height * first[0, 0].nbytes))
        for row in range(top, below, step):
            end = min(row + step, below)
            stored[row - top : end - top] = self.rows.read(row, end, left, right)
        return upright(stored, self.orientation)
