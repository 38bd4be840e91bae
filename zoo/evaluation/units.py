"""Errors in the values of files, such as metres or Hounsfield units."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from zoo.metrics.mean import MeanOverPictures, mean_over_valid
from zoo.pictures import PictureFormat

UNKNOWN = "in the values of files"


class L1Units(MeanOverPictures):
    """Mean absolute error in the values of target files; a channel's own range counts for it.

    Targets outside the range of their format were clipped to it before.

    Args:
        form: of target files.
    """

    _direction = "down"
    default_name = "l1_units"
    label = "L1 in files"

    def __init__(self, form: PictureFormat) -> None:
        super().__init__()
        self.unit = form.unit or UNKNOWN
        low, high = np.array(form.low, np.float32), np.array(form.high, np.float32)
        self._scale = (high - low) / 2

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the mean absolute error of each picture, (N,); see `MeanOverPictures`."""
        apart = ops.abs(ops.cast(target, "float32") - ops.cast(translated, "float32"))
        return mean_over_valid(apart * ops.convert_to_tensor(self._scale), mask)


def has_units(form: PictureFormat) -> bool:
    """Return whether the values in target files are something else than 8-bit colours or classes."""
    return not form.classes and (not form.plain or bool(form.unit))
