"""What the libraries' builders return."""

from __future__ import annotations

from typing import NamedTuple

import keras

from zoo_backbones.scaling import InputScaling


class Built(NamedTuple):
    """A backbone.

    Args:
        network: from pictures as `scaling` makes them to feature maps, from the picture inwards.
        scaling: from pictures in [-1, 1] to what the backbone was trained on.
    """

    network: keras.Model
    scaling: InputScaling
