"""Augmentation that moves the pictures of an example alike, by the generator it is given alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

Window = tuple[slice, slice]


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a uint8 picture (height, width, 3) with a bicubic filter, as the reference does."""
    if picture.shape[:2] == (height, width):
        return picture
    resized = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized)


def random_window(
    height: int, width: int, crop_height: int, crop_width: int, random: np.random.Generator
) -> Window:
    """Choose a window of a size anywhere within a picture, as slices of its rows and columns."""
    top = int(random.integers(0, height - crop_height + 1))
    left = int(random.integers(0, width - crop_width + 1))
    return slice(top, top + crop_height), slice(left, left + crop_width)


def random_flip(pictures: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Mirror all pictures left to right, or none, with equal chance."""
    if random.random() < 0.5:
        return [picture[:, ::-1] for picture in pictures]
    return list(pictures)


def random_turn(pictures: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Turn all pictures, which must be square, by the same of 0, 90, 180 and 270 degrees.

    With `random_flip`, all eight ways to lay a square come with equal chance, upside down too.
    """
    quarters = int(random.integers(4))
    return [np.rot90(picture, quarters) for picture in pictures]
