"""What metrics of single pictures have in common."""

from __future__ import annotations

from typing import Any

import keras


class MeanOverPictures(keras.metrics.Mean):
    """The mean over pictures of one number a picture.

    Args:
        name: name in the logs.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}
