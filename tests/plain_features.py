"""Features that can be computed by hand: what a recipe names as `plain_features:mean_colours`."""

from __future__ import annotations

import numpy as np


def mean_colours(pictures):
    """The mean of each channel, in [0, 255]: uint8 (N, H, W, 3) to (N, 3)."""
    return pictures.mean(axis=(1, 2))


def brightness(pictures):
    """One number a picture."""
    return pictures.mean(axis=(1, 2, 3))[:, None]


def many(pictures):
    """A hundred features of a picture, by fixed random weights."""
    flat = pictures.reshape(len(pictures), -1)
    return flat @ np.random.default_rng(0).normal(0, 0.1, (flat.shape[1], 100))


def all_together(pictures):
    """One row for all pictures, as no extractor may give."""
    return pictures.mean(axis=(0, 1, 2))[None]


def only_large(pictures):
    """Fails for small pictures, as networks do."""
    assert pictures.shape[1] > 1000, "the pictures are too small\nfor this network"


def coloured(colours):
    """Pictures of one colour each, (N, 4, 4, 3) in [-1, 1], of colours in [0, 255]."""
    colours = np.asarray(colours, "float32")[:, None, None, :]
    return np.broadcast_to(colours / 127.5 - 1, (len(colours), 4, 4, 3))
