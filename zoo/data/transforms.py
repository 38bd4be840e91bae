"""Augmentation that moves the pictures of an example alike, by the generator it is given alone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

Window = tuple[slice, slice]
# Types that OpenCV resizes and turns; all others go through float32.
TYPES = (np.uint8, np.uint16, np.int16, np.float32)
# Channels that OpenCV moves at a time.
AT_ONCE = 4


def resize(picture: np.ndarray, height: int, width: int, *, nearest: bool = False) -> np.ndarray:
    """Resize a picture: what shrinks by the mean of the pixels' areas, what grows by a bicubic filter.

    Args:
        picture: (height, width, channels) of numbers.
        height: in pixels.
        width: in pixels.
        nearest: take the nearest pixel instead, as label maps need it.

    Returns:
        (height, width, channels) of the same type, or float32 where OpenCV cannot handle that.
    """
    if picture.shape[:2] == (height, width):
        return picture
    if nearest:
        return _resize(picture, height, width, cv2.INTER_NEAREST_EXACT)
    # A bicubic filter alone would leave pixels out where a picture shrinks.
    below = (min(height, picture.shape[0]), min(width, picture.shape[1]))
    if below != picture.shape[:2]:
        picture = _resize(picture, *below, cv2.INTER_AREA)
    if below != (height, width):
        picture = _resize(picture, height, width, cv2.INTER_CUBIC)
    return picture


def random_window(
    height: int, width: int, crop_height: int, crop_width: int, random: np.random.Generator
) -> Window:
    """Choose a window of a size anywhere within a picture, as slices of its rows and columns."""
    top = int(random.integers(0, height - crop_height + 1))
    left = int(random.integers(0, width - crop_width + 1))
    return slice(top, top + crop_height), slice(left, left + crop_width)


def centre_window(height: int, width: int, crop_height: int, crop_width: int) -> Window:
    """Return the window of a size in the middle of a picture, as slices of its rows and columns."""
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return slice(top, top + crop_height), slice(left, left + crop_width)


def random_flip(pictures: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Mirror all pictures left to right, or none, with equal chance."""
    if random.random() < 0.5:
        return [_with_channels(cv2.flip(_workable(picture), 1)) for picture in pictures]
    return list(pictures)


def random_turn(pictures: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Turn all pictures, which must be square, by the same of 0, 90, 180 and 270 degrees.

    With `random_flip`, all eight ways to lay a square come with equal chance, upside down too.
    """
    quarters = int(random.integers(4))
    return [np.ascontiguousarray(np.rot90(picture, quarters)) for picture in pictures]


def rotate_and_scale(
    picture: np.ndarray, degrees: float, factor: float, *, nearest: bool = False
) -> np.ndarray:
    """Rotate a picture about its centre and enlarge it, at the same height and width.

    What comes in from outside is the picture's mirror image.

    Args:
        picture: (height, width, channels) of numbers.
        degrees: counter-clockwise.
        factor: above 1 zooms in.
        nearest: take the nearest pixel, as label maps need it, and not a mean of four.
    """
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, factor)
    flags = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    picture = _workable(picture)
    parts = [
        _with_channels(
            cv2.warpAffine(
                picture[..., first : first + AT_ONCE],
                matrix,
                (width, height),
                flags=flags,
                borderMode=cv2.BORDER_REFLECT_101,
            )
        )
        for first in range(0, picture.shape[2], AT_ONCE)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


def random_colour(picture: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Change brightness, contrast and, of RGB pictures, saturation, each by a factor near 1.

    Args:
        picture: float32 (height, width, channels) in [-1, 1].
        strength: the factors lie within 1 - strength and 1 + strength, 0 to 1.
        random: draws the factors.

    Returns:
        float32 of the same shape, clipped to [-1, 1].
    """
    brightness, contrast, saturation = random.uniform(1 - strength, 1 + strength, 3).astype("f4")
    light = (picture + 1) * (brightness / 2)
    light = (light - light.mean()) * contrast + light.mean()
    if picture.shape[2] == 3:
        grey = light.mean(axis=-1, keepdims=True)
        light = (light - grey) * saturation + grey
    clipped: np.ndarray = np.clip(light * 2 - 1, -1, 1)
    return clipped


def _resize(picture: np.ndarray, height: int, width: int, interpolation: int) -> np.ndarray:
    resized = cv2.resize(_workable(picture), (width, height), interpolation=interpolation)
    return _with_channels(resized)


def _workable(picture: np.ndarray) -> np.ndarray:
    return picture if picture.dtype in TYPES else picture.astype(np.float32)


def _with_channels(picture: np.ndarray) -> np.ndarray:
    """Give a picture of one channel its last axis back, which OpenCV drops."""
    return picture[..., None] if picture.ndim == 2 else picture
