"""What metrics of single pictures have in common."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class MeanOverPictures(keras.metrics.Mean):
    """The mean over pictures of one number a picture.

    `_direction` is where Keras's callbacks of the mode `auto` look: `up` if higher is better, `down` if lower is.

    Args:
        name: name in the logs.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}


def mask_of(sample_weight: Any) -> Any:
    """Return Keras's `sample_weight` as a mask (N, H, W, 1), float32; None if it is none, but a weight a picture."""
    if sample_weight is None or len(sample_weight.shape) != 4:
        return None
    return ops.cast(sample_weight, "float32")


def picture_weight(sample_weight: Any) -> Any:
    """Return the weight of each picture, (N,): of those with a mask 1, or 0 if nothing of the picture has a value."""
    mask = mask_of(sample_weight)
    if mask is None:
        return sample_weight
    return ops.cast(ops.any(mask > 0, axis=(1, 2, 3)), "float32")


def mean_over_valid(values: Any, mask: Any) -> Any:
    """Return the mean of each picture over the pixels that have a value, (N,); 0 where none has.

    Args:
        values: (N, H, W, C).
        mask: (N, H, W, 1), or None where all have.
    """
    if mask is None:
        return ops.mean(values, axis=(1, 2, 3))
    total = ops.sum(ops.where(mask > 0, values, 0.0), axis=(1, 2, 3))
    count = ops.sum(ops.cast(mask > 0, "float32"), axis=(1, 2, 3)) * values.shape[-1]
    return total / ops.maximum(count, 1.0)
