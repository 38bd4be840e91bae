"""Examples from pairs of picture files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoo.data.layout import Pair
from zoo.data.preparation import Preparation
from zoo.pictures import read_picture


class PicturePairs:
    """Examples from pairs of files, decoded when they are asked for.

    Args:
        pairs: where the pictures are.
        preparation: what is done to them.
        reverse: whether B is the source.
    """

    def __init__(
        self, pairs: Sequence[Pair], preparation: Preparation, *, reverse: bool = False
    ) -> None:
        self.pairs = list(pairs)
        self.preparation = preparation
        self.reverse = reverse

    def __len__(self) -> int:
        return len(self.pairs)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        a, b = self.preparation(_halves(self.pairs[index]), random)
        source, target = (b, a) if self.reverse else (a, b)
        return {"source": source, "target": target}


def _halves(pair: Pair) -> list[np.ndarray]:
    if pair.b is not None:
        return [read_picture(pair.a), read_picture(pair.b)]
    both = read_picture(pair.a)
    middle = both.shape[1] // 2
    return [both[:, :middle], both[:, middle:]]
