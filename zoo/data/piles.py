"""Examples from two piles of stored pictures without partners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoo.data.layout import Single
from zoo.data.preparation import Preparation
from zoo.data.stored import Stored
from zoo.pictures import PictureFormat


class Pile:
    """Prepared pictures of one domain.

    Args:
        stored: items of one picture.
        preparation: what is done to each.
    """

    def __init__(self, stored: Stored, preparation: Preparation) -> None:
        self.stored = stored
        self.preparation = preparation

    def __len__(self) -> int:
        return len(self.stored)

    def picture(self, index: int, random: np.random.Generator | None) -> np.ndarray:
        """Return one picture; see `zoo.data.unpaired.Pictures`."""
        return self.with_mask(index, random)[0]

    def with_mask(
        self, index: int, random: np.random.Generator | None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return one picture and its mask; see `Preparation.with_masks`."""
        (picture,), (mask,) = self.preparation.with_masks(
            self.stored.load(index), self.stored.formats, random
        )
        return picture, mask


class FilePile:
    """Pictures in files, decoded when they are asked for.

    Args:
        pictures: where they are.
        form: their format.
    """

    def __init__(self, pictures: Sequence[Single], form: PictureFormat) -> None:
        self.pictures = list(pictures)
        self.formats = (form,)

    def __len__(self) -> int:
        return len(self.pictures)

    def load(self, index: int) -> tuple[np.ndarray, ...]:
        """Return one picture; see `zoo.data.stored.Stored`.

        Raises:
            DataError: if the file cannot be read, or is not of the format.
        """
        return (self.formats[0].read(self.pictures[index].path),)
