"""Batches for `fit`, `evaluate` and `predict`, on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from zoo.data.dataset import Examples

# Batches that wait for the step: enough to hide one slow picture, few enough to keep memory small.
QUEUE = 4


class Loader(keras.utils.PyDataset):
    """Batches of examples; the seed, the epoch and the position decide which example comes and how it is augmented.

    So the same batches come with any number of workers, and a training that is resumed sees those that it would have
    seen. `fit` moves `epoch` on by itself. Pass `shuffle=False` to `fit`: the loader shuffles, and Keras would shuffle the
    order of the batches once more from its own seed.

    Args:
        examples: where they come from.
        batch_size: examples a batch; the last one of an epoch may have fewer.
        seed: start of order and augmentation.
        shuffle: whether every epoch has its own order.
        augment: whether examples are augmented.
        workers: threads that prepare batches beside the step; 0 or 1 prepare them in the iterator's own thread.
        start: position of the first batch in the epoch; used to go on within an epoch.
    """

    def __init__(
        self,
        examples: Examples,
        batch_size: int = 1,
        *,
        seed: int = 0,
        shuffle: bool = False,
        augment: bool = False,
        workers: int = 1,
        start: int = 0,
    ) -> None:
        super().__init__(workers=workers, use_multiprocessing=False, max_queue_size=QUEUE)
        self.examples = examples
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.augment = augment
        self.start = start
        self.epoch = 0
        self._order: tuple[int, np.ndarray] | None = None

    def __len__(self) -> int:
        return -(-len(self.examples) // self.batch_size) - self.start

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        """Return a batch: `"source"` and `"target"`, float32 in [-1, 1], (batch, height, width, channels)."""
        first = (index + self.start) * self.batch_size
        if index < 0 or first >= len(self.examples):
            raise IndexError(f"batch {index} of {len(self)}")
        epoch, order = self.epoch, self._order_of(self.epoch)
        positions = range(first, min(first + self.batch_size, len(order)))
        examples = [self.examples.example(int(order[at]), self._random(epoch, at)) for at in positions]
        return {name: np.stack([example[name] for example in examples]) for name in examples[0]}

    def on_epoch_end(self) -> None:
        """Move on to the next epoch; Keras calls this."""
        self.epoch += 1

    def rest(self, position: int) -> Loader:
        """Return the batches of the current epoch from `position` on."""
        options: dict[str, Any] = {
            name: getattr(self, name) for name in ("seed", "shuffle", "augment", "workers")
        }
        rest = Loader(self.examples, self.batch_size, **options, start=position)
        rest.epoch = self.epoch
        return rest

    def _random(self, epoch: int, position: int) -> np.random.Generator | None:
        return np.random.default_rng([self.seed, epoch, position]) if self.augment else None

    def _order_of(self, epoch: int) -> np.ndarray:
        # Read and replaced as one tuple: several threads may ask at once.
        known = self._order
        if known is None or known[0] != epoch:
            count = len(self.examples)
            chance = np.random.default_rng([self.seed, epoch])
            known = (epoch, chance.permutation(count) if self.shuffle else np.arange(count))
            self._order = known
        return known[1]
