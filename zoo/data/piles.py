"""Examples from two piles of picture files without partners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoo.data.layout import Single
from zoo.data.preparation import Preparation
from zoo.data.unpaired import Unpaired
from zoo.pictures import read_picture


class PicturePile:
    """Pictures from files, decoded when they are asked for.

    Args:
        pictures: where they are.
        preparation: what is done to them.
    """

    def __init__(self, pictures: Sequence[Single], preparation: Preparation) -> None:
        self.pictures = list(pictures)
        self.preparation = preparation

    def __len__(self) -> int:
        return len(self.pictures)

    def picture(self, index: int, random: np.random.Generator | None) -> np.ndarray:
        """Return one picture; see `zoo.data.unpaired.Pictures`."""
        (picture,) = self.preparation([read_picture(self.pictures[index].path)], random)
        return picture


def unpaired_pictures(
    a: Sequence[Single], b: Sequence[Single], preparation: Preparation, *, reverse: bool = False
) -> Unpaired:
    """Return examples that bring together pictures of two piles.

    Args:
        a: the pictures A.
        b: the pictures B.
        preparation: what is done to them, to each by itself.
        reverse: whether B are the sources.
    """
    sources, targets = (b, a) if reverse else (a, b)
    return Unpaired(PicturePile(sources, preparation), PicturePile(targets, preparation))
