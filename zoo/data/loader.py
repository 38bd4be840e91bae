"""Batches for `fit`, `evaluate` and `predict`, on every backend."""

from __future__ import annotations

import keras
import numpy as np

from zoo.data.dataset import Examples
from zoo.data.order import chance, order
from zoo.data.prefetch import Prefetch

# Batches that wait for the step: enough to hide one slow picture, few enough to keep memory small.
QUEUE = 4

Batch = dict[str, np.ndarray]


class Loader(keras.utils.PyDataset):
    """Batches of examples, exactly repeatable.

    The seed, the epoch and the position decide which example comes and how it is augmented. So the
    same batches come with any number of workers, and a training that is resumed sees those that it
    would have seen. `fit` moves `epoch` on after each epoch that was read to its end; in a loop of
    your own, set it. Pass `shuffle=False` to `fit`: the loader shuffles, and Keras would shuffle
    the batches once more from its own seed. Leave out `steps_per_epoch`: an epoch is one pass over
    the examples.

    Args:
        examples: where they come from.
        batch_size: examples a batch; the last one of an epoch may have fewer.
        seed: start of order and augmentation; 0 or more.
        shuffle: whether every epoch has its own order.
        augment: whether examples are augmented.
        drop_remainder: whether a last batch of fewer examples is left out; among several processes it
            always is.
        workers: threads that prepare batches beside the step; 0 prepares them between steps.
        start: position of the first batch in the epoch; used to go on within an epoch.
        shard: number of this process, from 0, and of all processes that share out every batch. All draw the
            same order, and each gives its part of `batch_size` examples.

    Raises:
        ValueError: if there is no batch to give, or a batch cannot be shared out.
    """

    def __init__(
        self,
        examples: Examples,
        batch_size: int = 1,
        *,
        seed: int = 0,
        shuffle: bool = False,
        augment: bool = False,
        drop_remainder: bool = False,
        workers: int = 2,
        start: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        # Keras gets no workers: what its threads read ahead while it builds the model, on JAX and
        # torch, it gives out once more when the epoch begins.
        super().__init__(workers=0, use_multiprocessing=False, max_queue_size=QUEUE)
        self.examples = examples
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.augment = augment
        self.drop_remainder = drop_remainder or shard[1] > 1
        self.threads = workers
        self.start = start
        self.shard = shard
        self.epoch = 0
        self._order: tuple[int, np.ndarray] | None = None
        self._ahead = Prefetch(self._batch, workers) if workers else None
        process, processes = shard
        if not 0 <= process < processes or batch_size % processes:
            raise ValueError(
                f"batches of {batch_size} cannot be shared out over {processes} processes; "
                "expected a multiple of their number"
            )
        if len(self) < 1:
            raise ValueError(
                f"{len(examples)} examples in batches of {batch_size} leave no batch"
                f"{' without the remainder' if drop_remainder else ''}"
                f"{f' from position {start} on' if start else ''}"
            )

    def __repr__(self) -> str:
        how = ["shuffled"] * self.shuffle + ["augmented"] * self.augment
        return (
            f"<Loader of {len(self):,} batches of {self.batch_size} of {len(self.examples):,} examples"
            f"{', ' if how else ''}{' and '.join(how)}>"
        )

    @property
    def epoch(self) -> int:
        """Number of the epoch whose batches come now, from 0; set it to begin that epoch."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._begun = self._read_to_the_end = False

    def __len__(self) -> int:
        whole, remainder = divmod(len(self.examples), self.batch_size)
        return whole + (remainder > 0 and not self.drop_remainder) - self.start

    def __getitem__(self, index: int) -> Batch:
        """Return a batch.

        Returns:
            `"source"` and `"target"`, float32 in [-1, 1] of shape (batch, height, width, channels), and whatever else
            the examples have.
        """
        last = len(self) - 1
        if not 0 <= index <= last:
            raise IndexError(f"batch {index} of {last + 1}")
        epoch = self.epoch
        if self._ahead is None:
            batch = self._batch((epoch, index))
        else:
            coming = range(index + 1, min(index + QUEUE, last) + 1)
            batch = self._ahead.get((epoch, index), [(epoch, later) for later in coming])
        self._read_to_the_end = self._read_to_the_end or index == last
        return batch

    def on_epoch_begin(self) -> None:
        """Note that `fit` reads from now on; Keras calls this."""
        self._begun, self._read_to_the_end = True, False

    def on_epoch_end(self) -> None:
        """Move on to the next epoch, if `fit` has read this one to its end; Keras calls this.

        Keras calls it before the first epoch as well, and, on JAX and torch, after a look at the
        first batch. (If there is but one batch, that look counts as an epoch.)
        """
        if self._begun and self._read_to_the_end:
            self.epoch += 1
        self._begun = False

    def rest(self, position: int) -> Loader:
        """Return the batches of the current epoch from `position` on."""
        rest = Loader(
            self.examples,
            self.batch_size,
            seed=self.seed,
            shuffle=self.shuffle,
            augment=self.augment,
            drop_remainder=self.drop_remainder,
            workers=self.threads,
            start=self.start + position,
            shard=self.shard,
        )
        rest.epoch = self.epoch
        return rest

    def _batch(self, key: tuple[int, int]) -> Batch:
        epoch, index = key
        indices = self._order_of(epoch)
        process, processes = self.shard
        share = self.batch_size // processes
        first = (index + self.start) * self.batch_size + process * share
        positions = range(first, min(first + share, len(indices)))
        examples = [
            self.examples.example(int(indices[position]), self._random(epoch, position))
            for position in positions
        ]
        if len(examples) == 1:  # without the copy that stacking makes
            return {name: picture[None] for name, picture in examples[0].items()}
        return {name: np.stack([example[name] for example in examples]) for name in examples[0]}

    def _random(self, epoch: int, position: int) -> np.random.Generator | None:
        if not self.augment:
            return None
        return chance(seed=self.seed, epoch=epoch, position=position)

    def _order_of(self, epoch: int) -> np.ndarray:
        # Read and replaced as one tuple: several threads may ask at once.
        known = self._order
        if known is None or known[0] != epoch:
            drawn = order(len(self.examples), seed=self.seed, epoch=epoch, shuffle=self.shuffle)
            known = self._order = (epoch, drawn)
        return known[1]
