"""What a backbone was trained on: pictures in [-1, 1] are turned into that range and order of colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

COLOURS = 3
# Of ImageNet's pictures, red, green and blue, in [0, 1].
MEAN = (0.485, 0.456, 0.406)
SPREAD = (0.229, 0.224, 0.225)
# Of the same pictures in [0, 255], blue, green and red, as the framework Caffe had them.
CAFFE_MEAN = (103.939, 116.779, 123.68)


@dataclass(frozen=True)
class InputScaling:
    """How a backbone wants its pictures: `scale * bytes + offset`, where bytes are in [0, 255].

    Args:
        scale: a number for all colours, or one for each.
        offset: the same.
        reverse: whether blue comes first.
    """

    scale: float | Sequence[float]
    offset: float | Sequence[float]
    reverse: bool = False

    def __call__(self, pictures: Any) -> Any:
        """Scale pictures (N, H, W, C) in [-1, 1].

        Figures that are given for three colours are averaged for another number of channels.
        """
        scale, offset = np.asarray(self.scale) * 127.5, np.asarray(self.offset)
        offset = offset + scale
        if pictures.shape[-1] != COLOURS:
            scale, offset = scale.mean(), offset.mean()
        elif self.reverse:
            pictures = pictures[..., ::-1]
        # In float32 under mixed precision too: half precision has 11 bits of the picture's 8 left at best.
        rescaling = keras.layers.Rescaling(
            scale.tolist(), offset.tolist(), dtype="float32", name="scaling"
        )
        return rescaling(pictures)


SCALINGS = {
    "bytes": InputScaling(1.0, 0.0),
    "unit": InputScaling(1 / 255, 0.0),
    "tf": InputScaling(1 / 127.5, -1.0),
    "torch": InputScaling(
        [1 / (255 * spread) for spread in SPREAD],
        [-mean / spread for mean, spread in zip(MEAN, SPREAD, strict=True)],
    ),
    "caffe": InputScaling(1.0, [-mean for mean in CAFFE_MEAN], reverse=True),
}
