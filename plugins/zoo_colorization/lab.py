"""Pictures as lightness and colours, each on the scale of the networks, and back."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zoo.data import lab_of_srgb, srgb_of_lab

# Lightness L, 0 to 100, and colours a and b, within ±108, become numbers within ±1, as in the reference.
HALF_LIGHTNESS = 50.0
MOST_COLOUR = 110.0


def lightness_of(pictures: Any) -> Any:
    """Return the lightness of pictures, L / 50 - 1.

    Args:
        pictures: RGB (N, H, W, 3) in [-1, 1].

    Returns:
        (N, H, W, 1) in [-1, 1].
    """
    return _lab(pictures)[..., :1] / HALF_LIGHTNESS - 1.0


def colours_of(pictures: Any) -> Any:
    """Return the colours of pictures, a / 110 and b / 110.

    Args:
        pictures: RGB (N, H, W, 3) in [-1, 1].

    Returns:
        (N, H, W, 2) in (-1, 1).
    """
    return _lab(pictures)[..., 1:] / MOST_COLOUR


def painted(lightness: Any, colours: Any) -> Any:
    """Return the RGB pictures of lightness and colours; what no screen shows is clipped.

    Args:
        lightness: (N, H, W, 1) in [-1, 1].
        colours: (N, H, W, 2) in [-1, 1].

    Returns:
        (N, H, W, 3) in [-1, 1].
    """
    lab = ops.concatenate([(lightness + 1.0) * HALF_LIGHTNESS, colours * MOST_COLOUR], axis=-1)
    return srgb_of_lab(lab, ops) * 2.0 - 1.0


def painter(network: keras.Model) -> keras.Model:
    """Return the network that takes RGB pictures and paints RGB pictures, around one from lightness to colours.

    It is made of Keras's own operations alone, so that its file opens without this package.

    Args:
        network: (N, H, W, 1) to (N, H, W, 2).
    """
    pictures = keras.Input((*network.input_shape[1:3], 3), name="picture")
    lightness = lightness_of(pictures)
    return keras.Model(
        pictures, painted(lightness, network(lightness)), name=f"{network.name}_in_rgb"
    )


def _lab(pictures: Any) -> Any:
    return lab_of_srgb((pictures + 1.0) / 2.0, ops)
