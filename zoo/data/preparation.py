"""How picture files become examples: resized, and augmented alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.data.transforms import random_flip, random_turn, random_window, resize
from zoo.pictures import to_float


@dataclass(frozen=True)
class Preparation:
    """How files become examples.

    Args:
        height: of the examples, in pixels.
        width: of the examples, in pixels.
        flip: mirror half of the training examples left to right.
        turns: turn training examples by quarters; needs equal height and width.
        jitter: training examples are resized to 1 + jitter times the size and cropped at random.
    """

    height: int
    width: int
    flip: bool
    turns: bool
    jitter: float

    def __call__(
        self, pictures: list[np.ndarray], random: np.random.Generator | None
    ) -> list[np.ndarray]:
        """Resize pictures to the size and, given a generator, augment them all alike.

        Args:
            pictures: uint8 (height, width, 3) of one example, equally large.
            random: the only source of chance; None resizes alone.

        Returns:
            float32 in [-1, 1] of the size.
        """
        if random is None:
            resized = [resize(picture, self.height, self.width) for picture in pictures]
        else:
            resized = self._augmented(pictures, random)
        return [to_float(picture) for picture in resized]

    def _augmented(
        self, pictures: list[np.ndarray], random: np.random.Generator
    ) -> list[np.ndarray]:
        height, width = (round(side * (1 + self.jitter)) for side in (self.height, self.width))
        window = random_window(height, width, self.height, self.width, random)
        pictures = [resize(picture, height, width)[window] for picture in pictures]
        if self.flip:
            pictures = random_flip(pictures, random)
        return random_turn(pictures, random) if self.turns else pictures
