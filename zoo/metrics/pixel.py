"""Metrics that compare a translated picture with its target, pixel by pixel."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo.metrics.mean import MeanOverPictures, mask_of, mean_over_valid, picture_weight

PEAK = 2.0
# Equal pictures would have an infinite ratio; this caps it at 126 dB.
SMALLEST_ERROR = 1e-12


@keras.saving.register_keras_serializable(package="zoo", name="L1")
class L1(MeanOverPictures):
    """Mean absolute error of pictures in [-1, 1]; 0 is perfect, 2 the worst.

    Args:
        name: name in the logs.
    """

    _direction = "down"

    def __init__(self, name: str = "l1") -> None:
        super().__init__(name)

    def update_state(self, target: Any, translated: Any, sample_weight: Any = None) -> None:
        """Add a batch of pictures (N, H, W, C) in [-1, 1].

        Args:
            target: targets.
            translated: what the network made of their sources.
            sample_weight: a weight a picture (N,), or a mask (N, H, W, 1) that is 0 where the target has no value.
        """
        error = _per_picture(ops.abs, target, translated, mask_of(sample_weight))
        super().update_state(error, picture_weight(sample_weight))


@keras.saving.register_keras_serializable(package="zoo", name="PSNR")
class PSNR(MeanOverPictures):
    """Peak signal-to-noise ratio in dB: the mean over pictures of each picture's own ratio.

    20 log10(2) - 10 log10(mean squared error): pictures are in [-1, 1], so the peak is 2.0. Every channel counts
    alike; nothing is rounded to 8 bits. Higher is better; 20 dB is an error of 0.2 root mean square.

    Args:
        name: name in the logs.
    """

    _direction = "up"

    def __init__(self, name: str = "psnr") -> None:
        super().__init__(name)

    def update_state(self, target: Any, translated: Any, sample_weight: Any = None) -> None:
        """Add a batch of pictures (N, H, W, C) in [-1, 1]; see `L1.update_state`."""
        error = _per_picture(ops.square, target, translated, mask_of(sample_weight))
        ratio = 10.0 * ops.log10(PEAK**2 / ops.maximum(error, SMALLEST_ERROR))
        super().update_state(ratio, picture_weight(sample_weight))


def _per_picture(measure: Any, target: Any, translated: Any, mask: Any) -> Any:
    difference = ops.cast(target, "float32") - ops.cast(translated, "float32")
    return mean_over_valid(measure(difference), mask)
