"""How kernels start."""

from __future__ import annotations

from typing import Literal

import keras

Initial = Literal["normal", "xavier", "he", "orthogonal"]

SPREAD = 0.02


def kernel_initializer(init: Initial = "normal") -> keras.initializers.Initializer:
    """Return an initializer; a new object each time, because one object repeats its numbers.

    All are those of the reference, where `he` is called kaiming; none cuts the normal distribution off.

    Args:
        init: `normal` is N(0, 0.02). `xavier` has the deviation 0.02 · √(2 / (inputs + outputs)) with the numbers
            of values that go into and come out of a pixel (Glorot and Bengio, 2010). `he` has √(2 / inputs), which
            keeps the size of the signal through layers that nothing normalises (https://arxiv.org/abs/1502.01852).
            `orthogonal` has orthogonal filters of length 0.02 (https://arxiv.org/abs/1312.6120).
    """
    untruncated = "untruncated_normal"
    if init == "xavier":
        return keras.initializers.VarianceScaling(SPREAD**2, "fan_avg", untruncated)
    if init == "he":
        return keras.initializers.VarianceScaling(2.0, "fan_in", untruncated)
    if init == "orthogonal":
        return keras.initializers.Orthogonal(SPREAD)
    return keras.initializers.RandomNormal(0.0, SPREAD)
