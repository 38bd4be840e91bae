"""Structural similarity of pictures, as a function and as a metric."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from zoo.errors import ZooError
from zoo.metrics.mean import MeanOverPictures, any_valid, mean_over_valid

WINDOW = 11
SIGMA = 1.5
PEAK = 2.0
LUMINANCE = (0.01 * PEAK) ** 2
CONTRAST = (0.03 * PEAK) ** 2


def ssim(first: Any, second: Any, mask: Any = None) -> Any:
    """Return the mean structural similarity of pictures, one number each; 1 where they are equal, symmetric.

    Means, variances and the covariance are taken in Gaussian windows of 11 x 11 pixels (sigma 1.5) that lie wholly
    inside the picture, in each channel by itself, with the constants 0.01 and 0.03. Black counts as zero, whatever
    the range: it is what `tf.image.ssim` gives for the same pictures in [0, 1] or [0, 255].

    Source: Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861.

    Args:
        first: pictures (N, H, W, C) in [-1, 1].
        second: pictures of the same shape.
        mask: (N, H, W, 1), 0 in holes: moments are taken over the pixels of a window that are none, and the mean over
            windows whose middle is none. None where there is no hole.

    Returns:
        (N,), float32; 0 where there is nothing but holes.

    Raises:
        ZooError: if the pictures are smaller than the window.
    """
    height, width = first.shape[1:3]
    if min(size or WINDOW for size in (height, width)) < WINDOW:
        raise ZooError(
            f"SSIM compares windows of {WINDOW} x {WINDOW} pixels, but the pictures are {height} x {width}; "
            "use larger pictures or leave it out"
        )
    luminance, structure = similarity_maps(first, second, mask)
    return mean_over_valid(luminance * structure, None if mask is None else window_middles(mask))


def similarity_maps(first: Any, second: Any, mask: Any = None) -> tuple[Any, Any]:
    """Return how alike every window is in luminance, and in contrast and structure; see `ssim`.

    Args:
        first: pictures (N, H, W, C) in [-1, 1].
        second: pictures of the same shape.
        mask: (N, H, W, 1), or None.

    Returns:
        Two of (N, H - 10, W - 10, C), float32; their product is the similarity.
    """
    first, second = ops.cast(first, "float32"), ops.cast(second, "float32")
    if mask is not None:
        first, second = (ops.where(mask > 0, picture, 0.0) for picture in (first, second))
    squares = first * first + second * second
    # Moments of [-1, 1]: variances do not depend on where black is, and near zero they are rounded less.
    moments = _blur(ops.concatenate([first, second, squares, first * second], axis=-1))
    if mask is not None:
        valid = ops.cast(mask > 0, "float32")
        moments = moments / ops.where(window_middles(valid) > 0, _blur(valid), 1.0)
    mean_1, mean_2, squares, product = ops.split(moments, 4, axis=-1)
    black_1, black_2 = mean_1 + PEAK / 2, mean_2 + PEAK / 2
    luminance = (2 * black_1 * black_2 + LUMINANCE) / (
        black_1 * black_1 + black_2 * black_2 + LUMINANCE
    )
    structure = (2 * (product - mean_1 * mean_2) + CONTRAST) / (
        squares - mean_1 * mean_1 - mean_2 * mean_2 + CONTRAST
    )
    return luminance, structure


def window_middles(maps: Any) -> Any:
    """Return the pixels that are the middle of a window, (N, H - 10, W - 10, C) of (N, H, W, C)."""
    half = WINDOW // 2
    return maps[:, half:-half, half:-half]


@keras.saving.register_keras_serializable(package="zoo", name="SSIMMetric")
class SSIM(MeanOverPictures):
    """Mean structural similarity of translated pictures and their targets; 1 is perfect.

    Source: Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861; Gaussian windows of 11 x 11 pixels, which is the
    smallest size of pictures.
    """

    _direction = "up"
    default_name = "ssim"
    label = "SSIM"

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the similarity of each picture, (N,); see `MeanOverPictures` and `ssim`."""
        return ssim(target, translated, mask)

    def counted(self, mask: Any) -> Any:
        """Return 1 for each picture in which the middle of a window has a value, (N,)."""
        return any_valid(window_middles(mask))


def _blur(maps: Any) -> Any:
    """Return the Gaussian mean of every window, (N, H - 10, W - 10, C)."""
    half = WINDOW // 2
    bell = [math.exp(-((place - half) ** 2) / (2 * SIGMA**2)) for place in range(WINDOW)]
    weights = [height / sum(bell) for height in bell]
    # No convolution: GPUs may run those with ten bits of mantissa, and a variance is a small difference.
    rows = sum(
        weight * maps[:, place : place - WINDOW + 1 or None] for place, weight in enumerate(weights)
    )
    return sum(
        weight * rows[:, :, place : place - WINDOW + 1 or None]
        for place, weight in enumerate(weights)
    )
