"""Training examples as given epochs bring them, by the rule of the loader that trains."""

from __future__ import annotations

import numpy as np

from zoo.data.dataset import Examples
from zoo.data.loader import Loader

Example = dict[str, np.ndarray]


class Draws:
    """Examples by index and epoch, augmented as a training with the same seed sees them.

    Args:
        examples: to train on.
        seed: `training.seed` of the recipe.
    """

    def __init__(self, examples: Examples, seed: int) -> None:
        self._loader = Loader(examples, seed=seed, shuffle=True, augment=True, workers=0)
        # One batch of all indices, in the order in which an epoch takes them.
        self._order = Loader(
            _Indices(len(examples)), len(examples), seed=seed, shuffle=True, workers=0
        )

    def draw(self, index: int, epoch: int) -> Example:
        """Return one example.

        Args:
            index: of the example.
            epoch: number of the epoch, from 0.

        Returns:
            `"source"` and `"target"`, float32 (height, width, channels) in [-1, 1].
        """
        self._loader.epoch = self._order.epoch = epoch
        position = int(np.flatnonzero(self._order[0]["index"] == index)[0])
        return {name: batch[0] for name, batch in self._loader[position].items()}


class _Indices:
    """Examples that are nothing but their index."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def example(self, index: int, random: np.random.Generator | None) -> Example:
        return {"index": np.array(index)}
