"""Photographs of the earth and the same made worse, for metrics."""

from __future__ import annotations

import cv2
import numpy as np
from zoo_earth.rasters import raster


def real_pairs(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return crops of satellite pictures, and the same blurred, noisy or paler, (count, size, size, 3) in [-1, 1]."""
    random = np.random.default_rng(7)
    whole = raster("satellite")
    first, second = [], []
    for number in range(count):
        top, left = random.integers(500, 2000 - size), random.integers(0, 5400 - size)
        crop = whole[top : top + size, left : left + size].astype("float32") / 127.5 - 1
        worse = (
            cv2.GaussianBlur(crop, (0, 0), 0.5 + number / 6)
            if number % 3 == 0
            else crop + random.normal(0, 0.02 * number, crop.shape)
            if number % 3 == 1
            else 0.5 * crop + 0.02 * number
        )
        first.append(crop)
        second.append(np.clip(worse, -1, 1))
    return np.stack(first).astype("float32"), np.stack(second).astype("float32")
