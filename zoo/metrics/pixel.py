"""Metrics that compare a translated picture with its target, pixel by pixel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo.metrics.mean import MeanOverPictures, mean_over_valid

PEAK = 2.0
# Equal pictures would have an infinite ratio; this caps it at 126 dB.
SMALLEST_ERROR = 1e-12


@keras.saving.register_keras_serializable(package="zoo", name="L1")
class L1(MeanOverPictures):
    """Mean absolute error of pictures in [-1, 1]; 0 is perfect, 2 the worst."""

    _direction = "down"
    default_name = "l1"
    label = "L1"

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the mean absolute error of each picture, (N,); see `MeanOverPictures`."""
        return mean_over_valid(ops.abs(_difference(target, translated)), mask)


@keras.saving.register_keras_serializable(package="zoo", name="PSNR")
class PSNR(MeanOverPictures):
    """Peak signal-to-noise ratio in dB: the mean over pictures of each picture's own ratio.

    20 log10(2) - 10 log10(mean squared error): pictures are in [-1, 1], so the peak is 2.0. Every channel counts
    alike; nothing is rounded to 8 bits. Higher is better; 20 dB is an error of 0.2 root mean square.
    """

    _direction = "up"
    default_name = "psnr"
    label = "PSNR"
    unit = "dB"

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the ratio of each picture, (N,); see `MeanOverPictures`."""
        error = mean_over_valid(ops.square(_difference(target, translated)), mask)
        return 10.0 * ops.log10(PEAK**2 / ops.maximum(error, SMALLEST_ERROR))


def _difference(target: Any, translated: Any) -> Any:
    return ops.cast(target, "float32") - ops.cast(translated, "float32")
