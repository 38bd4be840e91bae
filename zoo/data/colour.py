"""Colour spaces: sRGB, linear light and CIE Lab, of NumPy's arrays and of Keras's tensors alike.

The constants are those of scikit-image, which the reference uses: the primaries of sRGB
(IEC 61966-2-1) to six digits, and the white D65 of the 2° observer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Shares of red, green and blue light in X, Y and Z. Y is the luminance.
XYZ_OF_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([[0.95047], [1.0], [1.08883]])
# Lists, because numbers that are not NumPy's leave the precision of what they are multiplied with.
TO_XYZ_OF_WHITE = (XYZ_OF_RGB / WHITE).tolist()
FROM_XYZ_OF_WHITE = np.linalg.inv(XYZ_OF_RGB / WHITE).tolist()

# Where the straight lines near black end: of sRGB's curve, in both directions, and of Lab's.
SRGB_END, LIGHT_END = 0.04045, 0.0031308
SHARE_END, ROOT_END = 0.008856, 0.2068966


def linear_light(srgb: Any, xp: Any = np) -> Any:
    """Return the light, 0 to 1, that sRGB values stand for.

    Args:
        srgb: of any shape, 0 to 1.
        xp: `numpy` or `keras.ops`, whose arrays or tensors they are.
    """
    # No power is taken of less than the end of the line, here and below: `where` drops the value, but its
    # gradient near 0 is infinite, and times nothing not a number.
    curve = ((xp.maximum(srgb, SRGB_END) + 0.055) / 1.055) ** 2.4
    return xp.where(srgb > SRGB_END, curve, srgb / 12.92)


def srgb_of_light(light: Any, xp: Any = np) -> Any:
    """Return the sRGB values of light; the inverse of `linear_light`.

    Args:
        light: of any shape, 0 to 1.
        xp: `numpy` or `keras.ops`.
    """
    curve = 1.055 * xp.maximum(light, LIGHT_END) ** (1 / 2.4) - 0.055
    return xp.where(light > LIGHT_END, curve, light * 12.92)


def lab_of_srgb(srgb: Any, xp: Any = np) -> Any:
    """Return lightness L, 0 to 100, and a and b, -108 to 99, of sRGB colours.

    Args:
        srgb: (…, 3), 0 to 1.
        xp: `numpy` or `keras.ops`.
    """
    share = _mixed(TO_XYZ_OF_WHITE, linear_light(srgb, xp), xp)
    curve = xp.maximum(share, SHARE_END) ** (1 / 3)
    root = xp.where(share > SHARE_END, curve, 7.787 * share + 16 / 116)
    x, y, z = xp.split(root, 3, axis=-1)
    return xp.concatenate([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def srgb_of_lab(lab: Any, xp: Any = np) -> Any:
    """Return the sRGB values, 0 to 1, of Lab colours; those that no screen shows are clipped.

    Args:
        lab: (…, 3), L, a and b.
        xp: `numpy` or `keras.ops`.
    """
    lightness, a, b = xp.split(lab, 3, axis=-1)
    y = (lightness + 16) / 116
    # Yellower than any light can be: scikit-image holds z at 0 as well.
    root = xp.concatenate([y + a / 500, y, xp.maximum(y - b / 200, 0)], axis=-1)
    share = xp.where(root > ROOT_END, root**3, (root - 16 / 116) / 7.787)
    return xp.clip(srgb_of_light(_mixed(FROM_XYZ_OF_WHITE, share, xp), xp), 0, 1)


def grey(picture: np.ndarray) -> np.ndarray:
    """Return a picture without its colours: neutral, of the same luminance at every pixel.

    Args:
        picture: uint8 (height, width, 3), sRGB.

    Returns:
        uint8 (height, width, 3) of three equal channels.
    """
    light = linear_light(np.arange(256) / 255)[picture] @ XYZ_OF_RGB[1]
    value = np.rint(255 * srgb_of_light(light)).astype(np.uint8)
    return np.repeat(value[..., None], 3, axis=-1)


def _mixed(matrix: list[list[float]], channels: Any, xp: Any) -> Any:
    """Return the rows of a 3 x 3 matrix times the channels."""
    first, second, third = xp.split(channels, 3, axis=-1)
    return xp.concatenate([p * first + q * second + r * third for p, q, r in matrix], axis=-1)
