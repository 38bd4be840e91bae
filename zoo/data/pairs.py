"""Examples from picture files: read, cut in two, resized and augmented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.layout import Pair
from zoo.data.transforms import random_flip, random_turn, random_window, resize
from zoo.pictures import read_picture, to_float


@dataclass(frozen=True)
class Preparation:
    """How files become examples.

    Args:
        height: of the examples, in pixels.
        width: of the examples, in pixels.
        reverse: B is the source.
        flip: mirror half of the training pairs left to right.
        turns: turn training pairs by quarters; needs equal height and width.
        jitter: training pairs are resized to 1 + jitter times the size and cropped at random.
    """

    height: int
    width: int
    reverse: bool
    flip: bool
    turns: bool
    jitter: float

    def plain(self, pair: list[np.ndarray]) -> list[np.ndarray]:
        """Resize the pictures of a pair to the size."""
        return [resize(picture, self.height, self.width) for picture in pair]

    def augmented(self, pair: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        """Resize and crop the pictures of a pair at random, alike."""
        height, width = (round(side * (1 + self.jitter)) for side in (self.height, self.width))
        window = random_window(height, width, self.height, self.width, random)
        pair = [resize(picture, height, width)[window] for picture in pair]
        if self.flip:
            pair = random_flip(pair, random)
        return random_turn(pair, random) if self.turns else pair


class PicturePairs:
    """Examples from pairs of files, decoded when they are asked for.

    Args:
        pairs: where the pictures are.
        preparation: what is done to them.
    """

    def __init__(self, pairs: Sequence[Pair], preparation: Preparation) -> None:
        self.pairs = list(pairs)
        self.preparation = preparation

    def __len__(self) -> int:
        return len(self.pairs)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        pictures = _halves(self.pairs[index])
        prepare = self.preparation
        pictures = (
            prepare.plain(pictures) if random is None else prepare.augmented(pictures, random)
        )
        a, b = (to_float(picture) for picture in pictures)
        source, target = (b, a) if self.preparation.reverse else (a, b)
        return {"source": source, "target": target}


def _halves(pair: Pair) -> list[np.ndarray]:
    if pair.b is not None:
        return [read_picture(pair.a), read_picture(pair.b)]
    both = read_picture(pair.a)
    middle = both.shape[1] // 2
    return [both[:, :middle], both[:, middle:]]
