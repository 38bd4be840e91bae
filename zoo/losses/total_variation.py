"""A loss that wants smooth fakes, whatever their targets."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
class TotalVariation(keras.losses.Loss):
    """Mean absolute difference between neighbours in a column plus that between neighbours in a row, of the fake alone.

    The anisotropic total variation, by which Rudin, Osher and Fatemi 1992 (https://doi.org/10.1016/0167-2789(92)90242-F)
    remove noise; as a loss of networks https://arxiv.org/abs/1603.08155. 0 for an even picture, 4 for a chessboard
    of single pixels.

    Args:
        name: name of the loss.
    """

    def __init__(self, name: str = "total_variation") -> None:
        super().__init__(name=name, dtype="float32")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each picture, (N,).

        Args:
            y_true: not used.
            y_pred: fakes (N, H, W, C) in [-1, 1], at least 2 x 2 pixels.
        """
        del y_true
        down = ops.abs(y_pred[:, 1:] - y_pred[:, :-1])
        across = ops.abs(y_pred[:, :, 1:] - y_pred[:, :, :-1])
        return ops.mean(down, axis=(1, 2, 3)) + ops.mean(across, axis=(1, 2, 3))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}
