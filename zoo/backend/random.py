"""Random numbers within a step that are the same on every backend."""

from __future__ import annotations

import random
from typing import Any

import keras
from keras import ops

# Multipliers of a 32-bit integer hash found by search for little bias (C. Wellons, "lowbias32"), as signed integers.
FIRST_MULTIPLIER = 0x7FEB352D
SECOND_MULTIPLIER = 0x846CA68B - 2**32


class Random(keras.layers.Layer):
    """Uniform numbers from a counter that is hashed; what was drawn so far is part of a model's saved state.

    Keras's own generators draw other numbers on each backend, so that the losses of a step with chance in it could
    not be compared. A few numbers a step come from here; dropout and initial weights do not.

    Args:
        seed: where the numbers start; None takes one from Python's generator, which
            `keras.utils.set_random_seed` sets.
        name: name of the layer.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name=name, dtype="float32")
        # A weight as well, so that a restored model goes on with the same numbers.
        first = random.randrange(2**31) if seed is None else seed
        self.seed = self._integer("seed", keras.initializers.Constant(first))
        self.drawn = self._integer("drawn", keras.initializers.Zeros())
        self.built = True

    def _integer(self, name: str, initializer: keras.initializers.Initializer) -> keras.Variable:
        return self.add_weight(
            shape=(), initializer=initializer, dtype="int32", trainable=False, name=name
        )

    def uniform(self, count: Any) -> Any:
        """Return numbers in [0, 1) and move on.

        Args:
            count: how many, an integer or a scalar tensor.

        Returns:
            float32 (count,).
        """
        counter = ops.arange(count, dtype="int32") + self.drawn.value
        self.drawn.assign_add(ops.cast(count, "int32"))
        bits = _hash(_hash(counter) ^ self.seed.value)
        # The upper 24 bits, as many as float32 holds exactly.
        return ops.cast(_shift(bits, 8), "float32") / 2.0**24


def _hash(bits: Any) -> Any:
    """Mix the bits of int32 numbers; products wrap around on every backend."""
    bits = (bits ^ _shift(bits, 16)) * FIRST_MULTIPLIER
    bits = (bits ^ _shift(bits, 15)) * SECOND_MULTIPLIER
    return bits ^ _shift(bits, 16)


def _shift(bits: Any, places: int) -> Any:
    """Shift to the right and fill with zeros; the plain shift of a signed number fills with its sign."""
    return ops.bitwise_and(ops.right_shift(bits, places), 2 ** (32 - places) - 1)
