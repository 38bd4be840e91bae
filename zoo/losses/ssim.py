"""A loss that wants structure: one minus structural similarity."""

from __future__ import annotations

from typing import Any

import keras

from zoo.metrics.ssim import ssim


@keras.saving.register_keras_serializable(package="zoo", name="SSIMLoss")
class SSIM(keras.losses.Loss):
    """One minus the mean structural similarity of a fake and its target; 0 for equal pictures, 2 at most.

    Source: Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861; as a loss https://arxiv.org/abs/1511.08861.
    Gaussian windows of 11 x 11 pixels; the pictures must be at least as large.

    Args:
        name: name of the loss.
    """

    def __init__(self, name: str = "ssim") -> None:
        super().__init__(name=name, dtype="float32")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each picture, (N,).

        Args:
            y_true: target pictures (N, H, W, C) in [-1, 1].
            y_pred: fakes.

        Raises:
            ZooError: if the pictures are smaller than the window.
        """
        return 1.0 - ssim(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}
