"""Examples from stored pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoo.data.layout import Pair
from zoo.data.naming import name_of
from zoo.data.preparation import Preparation
from zoo.data.stored import Stored
from zoo.pictures import PictureFormat
from zoo.pictures.formats import read_as


class Pairs:
    """Examples whose source and target show the same thing.

    Args:
        stored: items of a source and a target.
        preparation: what is done to both alike.
    """

    def __init__(self, stored: Stored, preparation: Preparation) -> None:
        self.stored = stored
        self.preparation = preparation

    def __len__(self) -> int:
        return len(self.stored)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        (source, target), (_, mask) = self.preparation.with_masks(
            self.stored.load(index), self.stored.formats, random
        )
        example = {"source": source, "target": target}
        return example if mask is None else {**example, "target_mask": mask}

    def name(self, index: int) -> str:
        """Return a name for an example; see `zoo.data.naming`."""
        return name_of(self.stored, index)


class FilePairs:
    """Pairs in files, decoded when they are asked for: two files, or one with both pictures side by side.

    Args:
        pairs: where the pictures A and B are.
        formats: of the source and of the target.
        reverse: whether B is the source.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        formats: tuple[PictureFormat, PictureFormat],
        *,
        reverse: bool = False,
    ) -> None:
        self.pairs = list(pairs)
        self.formats = formats
        self.reverse = reverse

    def __len__(self) -> int:
        return len(self.pairs)

    def load(self, index: int) -> tuple[np.ndarray, ...]:
        """Return the source and the target; see `zoo.data.stored.Stored`.

        Raises:
            DataError: if a file cannot be read, or is not of its side's format.
        """
        return load_pair(self.pairs[index], self.formats, reverse=self.reverse)

    def name(self, index: int) -> str:
        """Return the name of a pair's files."""
        return self.pairs[index].name


def load_pair(
    pair: Pair, formats: tuple[PictureFormat, PictureFormat], *, reverse: bool = False
) -> tuple[np.ndarray, ...]:
    """Read a pair; see `FilePairs`."""
    if pair.b is not None:
        files = (pair.b, pair.a) if reverse else (pair.a, pair.b)
        return tuple(form.read(file) for form, file in zip(formats, files, strict=True))
    sides = zip(read_as(pair.a, *formats), (reverse, not reverse), strict=True)
    return tuple(half_of(both, right=right) for both, right in sides)


def half_of(picture: np.ndarray, *, right: bool) -> np.ndarray:
    """Return one of the two pictures that stand side by side in one."""
    middle = picture.shape[1] // 2
    return picture[:, middle:] if right else picture[:, :middle]
