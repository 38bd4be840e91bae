"""Training examples as given epochs bring them, by the rule of the loader that trains."""

from __future__ import annotations

import numpy as np

from zoo.data.dataset import Examples
from zoo.data.order import chance, order

Example = dict[str, np.ndarray]


class Draws:
    """Examples by index and epoch, augmented as a training with the same seed sees them.

    Args:
        examples: to train on.
        seed: `training.seed` of the recipe.
    """

    def __init__(self, examples: Examples, seed: int) -> None:
        self._examples = examples
        self._seed = seed

    def draw(self, index: int, epoch: int) -> Example:
        """Return one example.

        Args:
            index: of the example.
            epoch: number of the epoch, from 0.

        Returns:
            `"source"` and `"target"`, float32 (height, width, channels) in [-1, 1].
        """
        indices = order(len(self._examples), seed=self._seed, epoch=epoch)
        position = int(np.flatnonzero(indices == index)[0])
        random = chance(seed=self._seed, epoch=epoch, position=position)
        return self._examples.example(index, random)
