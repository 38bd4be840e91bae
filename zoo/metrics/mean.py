"""What metrics of single pictures have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import keras
import numpy as np
from keras import ops


class MeanOverPictures(keras.metrics.Mean, ABC):
    """The mean over pictures of one number a picture: a subclass says how a picture's number is computed.

    Plugins import it as `zoo.MeanOverPictures`. Attributes of the class say the rest; other metrics may have them too:

    - `_direction`: `up` if higher is better, `down` if lower is; Keras's callbacks of the mode `auto` look there;
    - `default_name`: name in the logs; `label`: name in tables; `unit`: of the number, such as `dB`;
    - `eager`: whether it is never compiled into a graph; then it gets NumPy arrays;
    - `paired`: whether it compares a translated picture with the target of the same source; without, it may be asked
      of pictures that are not pairs.

    Args:
        name: name in the logs; None is that of the class.
    """

    default_name = "mean"
    label = ""
    unit = ""
    eager = False
    paired = True

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name or self.default_name, dtype="float32")

    @abstractmethod
    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the number of each picture, (N,).

        Args:
            target: targets (N, H, W, C) in [-1, 1].
            translated: what the network made of their sources.
            mask: (N, H, W, 1), 0 where the target has no value; None where there is no hole.
        """

    def counted(self, mask: Any) -> Any:
        """Return 1 for each picture of which something was compared, 0 for others, (N,).

        Args:
            mask: (N, H, W, 1), as `per_picture` takes it.
        """
        return any_valid(mask)

    def update_state(self, target: Any, translated: Any, sample_weight: Any = None) -> None:
        """Add a batch of pictures (N, H, W, C) in [-1, 1].

        Args:
            target: targets.
            translated: what the network made of their sources.
            sample_weight: a weight a picture (N,), or a mask (N, H, W, 1) that is 0 where the target has no value.
        """
        mask = mask_of(sample_weight)
        weight = sample_weight if mask is None else self.counted(mask)
        super().update_state(self.per_picture(target, translated, mask), weight)

    def note(self, pictures: int) -> str | None:
        """Return a sentence that belongs beside the figure; None if it needs none.

        Args:
            pictures: how many were compared.
        """
        del pictures
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}


def mask_of(sample_weight: Any) -> Any:
    """Return Keras's `sample_weight` as a mask (N, H, W, 1), float32; None if it is none, but a weight a picture."""
    if sample_weight is None or len(sample_weight.shape) != 4:
        return None
    if isinstance(sample_weight, np.ndarray):
        return sample_weight.astype("float32")
    return ops.cast(sample_weight, "float32")


def any_valid(mask: Any) -> Any:
    """Return 1 for each picture that has a value anywhere, 0 for others, (N,), of a mask (N, H, W, 1)."""
    return ops.cast(ops.any(ops.convert_to_tensor(mask) > 0, axis=(1, 2, 3)), "float32")


def mean_over_valid(values: Any, mask: Any) -> Any:
    """Return the mean of each picture over the pixels that have a value, (N,); 0 where none has.

    Args:
        values: (N, H, W, C).
        mask: (N, H, W, 1), or None where all have.
    """
    if mask is None:
        return ops.mean(values, axis=(1, 2, 3))
    return ops.mean(channel_means(values, mask), axis=-1)


def channel_means(values: Any, mask: Any) -> Any:
    """Return the mean of each channel of each picture over the pixels that have a value, (N, C); 0 where none has.

    Args:
        values: (N, H, W, C).
        mask: (N, H, W, 1), or None where all have.
    """
    if mask is None:
        return ops.mean(values, axis=(1, 2))
    total = ops.sum(ops.where(mask > 0, values, 0.0), axis=(1, 2))
    count = ops.sum(ops.cast(mask > 0, "float32"), axis=(1, 2))
    return total / ops.maximum(count, 1.0)
