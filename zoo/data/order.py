"""Which example comes when, and by which chance it is augmented: the seed, the epoch and the position decide."""

from __future__ import annotations

import numpy as np


def order(count: int, *, seed: int, epoch: int, shuffle: bool = True) -> np.ndarray:
    """Return the indices of an epoch's examples by their position.

    Args:
        count: number of examples.
        seed: 0 or more.
        epoch: from 0.
        shuffle: whether every epoch has an order of its own.
    """
    if not shuffle:
        return np.arange(count)
    return np.random.default_rng([seed, epoch]).permutation(count)


def chance(*, seed: int, epoch: int, position: int) -> np.random.Generator:
    """Return the generator that augments the example at a position.

    Args:
        seed: 0 or more.
        epoch: from 0.
        position: in the epoch's order, from 0.
    """
    return np.random.default_rng([seed, epoch, position])
