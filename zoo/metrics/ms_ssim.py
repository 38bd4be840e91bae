"""Structural similarity at several scales, as a function and as a metric."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo.errors import ZooError
from zoo.metrics.mean import MeanOverPictures, any_valid, channel_means
from zoo.metrics.ssim import WINDOW, similarity_maps, window_middles

# Of the paper, for the finest scale first.
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# At the coarsest scale there must be room for a window.
SMALLEST = (WINDOW - 1) * 2 ** (len(WEIGHTS) - 1) + 1


def ms_ssim(first: Any, second: Any, mask: Any = None) -> Any:
    """Return the structural similarity of pictures over five scales, one number each; 1 where they are equal.

    Contrast and structure are compared as `ssim` does it at every scale, luminance at the coarsest; each scale halves
    height and width by the mean of 2 x 2 pixels, an odd last row or column being repeated. The similarities of the
    scales, those below zero as zero, are raised to the paper's weights and multiplied, in each channel by itself; the
    result is the mean over channels. It is what `tf.image.ssim_multiscale` gives for the same pictures in [0, 1].

    Source: Wang et al. 2003, https://doi.org/10.1109/ACSSC.2003.1292216.

    Args:
        first: pictures (N, H, W, C) in [-1, 1].
        second: pictures of the same shape.
        mask: (N, H, W, 1), 0 in holes, as `ssim` takes it; a pixel of a coarser scale is the mean of those that are
            none. None where there is no hole.

    Returns:
        (N,), float32; 0 where a scale has nothing but holes.

    Raises:
        ZooError: if the pictures are too small to be halved four times.
    """
    height, width = first.shape[1:3]
    if min(size or SMALLEST for size in (height, width)) < SMALLEST:
        raise ZooError(
            f"MS-SSIM halves pictures {len(WEIGHTS) - 1} times and compares windows of {WINDOW} x {WINDOW} pixels, for "
            f"which they must be at least {SMALLEST} x {SMALLEST}, but the pictures are {height} x {width}; use larger "
            "pictures, or ssim"
        )
    first, second = ops.cast(first, "float32"), ops.cast(second, "float32")
    product: Any = 1.0
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            first, second = _halved(first, mask), _halved(second, mask)
            mask = _halved_mask(mask)
        luminance, similarity = similarity_maps(first, second, mask)
        if scale == len(WEIGHTS) - 1:
            similarity = luminance * similarity
        valid = None if mask is None else window_middles(mask)
        product = product * ops.maximum(channel_means(similarity, valid), 0.0) ** weight
    return ops.mean(product, axis=-1)


@keras.saving.register_keras_serializable(package="zoo", name="MSSSIM")
class MSSSIM(MeanOverPictures):
    """Mean structural similarity over five scales of translated pictures and their targets; 1 is perfect.

    Pictures must be at least 161 x 161 pixels.

    Source: Wang et al. 2003, https://doi.org/10.1109/ACSSC.2003.1292216.
    """

    _direction = "up"
    default_name = "ms_ssim"
    label = "MS-SSIM"

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the similarity of each picture, (N,); see `MeanOverPictures` and `ms_ssim`."""
        return ms_ssim(target, translated, mask)

    def counted(self, mask: Any) -> Any:
        """Return 1 for each picture in which the middle of a window has a value at every scale, (N,)."""
        counted: Any = 1.0
        for scale in range(len(WEIGHTS)):
            if scale:
                mask = _halved_mask(mask)
            counted = counted * any_valid(window_middles(mask))
        return counted


def _halved(maps: Any, mask: Any) -> Any:
    """Return the means of 2 x 2 pixels, of those that have a value."""
    if mask is None:
        return _pooled(maps)
    valid = ops.cast(mask > 0, "float32")
    share = _pooled(valid)
    return _pooled(ops.where(mask > 0, maps, 0.0)) / ops.where(share > 0, share, 1.0)


def _halved_mask(mask: Any) -> Any:
    return None if mask is None else ops.cast(_pooled(ops.cast(mask > 0, "float32")) > 0, "float32")


def _pooled(maps: Any) -> Any:
    """Return the means of 2 x 2 pixels, (N, ceil(H / 2), ceil(W / 2), C)."""
    # By no convolution, which GPUs may round.
    rows = (maps[:, ::2] + ops.concatenate([maps, maps[:, -1:]], axis=1)[:, 1::2]) / 2
    return (rows[:, :, ::2] + ops.concatenate([rows, rows[:, :, -1:]], axis=2)[:, :, 1::2]) / 2
