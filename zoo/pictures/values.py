"""The value range of networks, [-1, 1], and of 8-bit pictures, [0, 255]."""

from __future__ import annotations

import numpy as np


def to_float(picture: np.ndarray) -> np.ndarray:
    """Scale uint8 in [0, 255] to float32 in [-1, 1]."""
    # A pass and an allocation less than converting first; this is done to every training picture.
    scaled: np.ndarray = np.divide(picture, np.float32(127.5), dtype=np.float32)
    scaled -= np.float32(1)
    return scaled


def to_uint8(picture: np.ndarray) -> np.ndarray:
    """Scale floats in [-1, 1] to uint8 in [0, 255]; what lies outside is clipped."""
    scaled = (np.asarray(picture, np.float32) + 1) * 127.5
    clipped: np.ndarray = np.clip(np.rint(scaled), 0, 255)
    return clipped.astype(np.uint8)
