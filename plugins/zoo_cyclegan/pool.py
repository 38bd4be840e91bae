"""The image pool: a history of fakes, so that a discriminator does not forget what it has seen."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo import Random


class ImagePool(keras.layers.Layer):
    """Keeps fakes and gives out older ones half of the time; what it holds is part of a model's saved state.

    Until it is full every picture is kept and given out. From then on, with probability one half, a picture takes
    the place of one that is chosen at random, which is given out instead. The pictures of a batch are exchanged at
    once, each for another one of those that were there before. Source: https://arxiv.org/abs/1612.07828,
    section 2.3.

    Args:
        size: number of pictures; 0 keeps none and gives out what comes.
        shape: (H, W, C) of a picture.
        name: name of the layer.
    """

    def __init__(self, size: int, shape: tuple[int, int, int], name: str | None = None) -> None:
        super().__init__(name=name, dtype="float32")
        self.size = size
        if size:
            # One more, which nobody reads: what is not to be kept is written there.
            self.pictures = self.add_weight(
                shape=(size + 1, *shape), initializer="zeros", trainable=False, name="pictures"
            )
            self.kept = self.add_weight(
                shape=(), initializer="zeros", dtype="int32", trainable=False, name="kept"
            )
        self.built = True

    def exchange(self, fakes: Any, random: Random) -> Any:
        """Put fakes in and return as many.

        Args:
            fakes: (N, H, W, C).
            random: numbers that are the same on every backend.
        """
        if not self.size:
            return fakes
        fakes = ops.cast(fakes, "float32")
        count = ops.shape(fakes)[0]
        full = self.kept >= self.size
        swapped = random.uniform(count) > 0.5
        shuffled = ops.cast(ops.argsort(random.uniform(self.size)), "int32")
        position = ops.arange(count, dtype="int32")
        drawn = ops.take(shuffled, ops.minimum(position, self.size - 1))
        keeps = ops.where(full, swapped & (position < self.size), self.kept + position < self.size)
        place = ops.where(keeps, ops.where(full, drawn, self.kept + position), self.size)
        older = ops.take(self.pictures.value, place, axis=0)
        self.pictures.assign(ops.scatter_update(self.pictures.value, place[:, None], fakes))
        self.kept.assign(ops.minimum(self.kept + ops.cast(count, "int32"), self.size))
        return ops.where((full & keeps)[:, None, None, None], older, fakes)
