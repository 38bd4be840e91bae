"""The functions from targets to sources that recipes can name.

Each takes its arguments and returns a `Derivation`, whose function works on float32 (height, width, channels) within
[-1, 1].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from zoo.data.colour import XYZ_OF_RGB, linear_light, srgb_of_light
from zoo.data.derived.derivation import Derivation
from zoo.data.transforms import random_window, resize
from zoo.pictures import PictureFormat, to_uint8
from zoo.pictures.channels import GREY


def grey() -> Derivation:
    """Return targets without their colours, in one channel mixed as files are read that are to be grey (BT.601)."""
    return Derivation("grey", _grey, partial(_grey_format, "grey"))


def lightness() -> Derivation:
    """Return neutral targets: three equal channels, at each pixel of the lightness L that the target has in CIE Lab.

    So they are what `zoo_colorization` needs, which paints in Lab and takes the lightness from sources.
    """
    return Derivation("lightness", _lightness, partial(_colour_format, "lightness"))


def edges(*, thresholds: tuple[float, float], smoothing: float) -> Derivation:
    """Return black lines on white where targets change: Canny's edges of the smoothed grey picture.

    Args:
        thresholds: of the gradient (Sobel's, 3 x 3, of values 0 to 255): what is above the second begins a line, what
            is above the first continues it.
        smoothing: standard deviation of the Gaussian filter in pixels; 0 smooths nothing.

    Raises:
        ValueError: if the first threshold is negative, or above the second.
    """
    low, high = thresholds
    if not 0 <= low <= high:
        raise ValueError(
            f"thresholds are {low:g} and {high:g}; expected two of at least 0, the lower first"
        )
    return Derivation(
        "edges", partial(_edges, thresholds, smoothing), partial(_line_format, "edges")
    )


def downscaled(*, factor: int) -> Derivation:
    """Return targets that were reduced by the mean of areas and enlarged to their size by a bicubic filter.

    Args:
        factor: by which height and width are reduced.
    """
    return Derivation(
        "downscaled", partial(_downscaled, factor), partial(_any_format, "downscaled")
    )


def masked(*, hole: float, fill: float) -> Derivation:
    """Return targets with a hole: a rectangle of their own proportions, anywhere.

    Args:
        hole: its share of the area, 0 to 1.
        fill: the value within it, -1 (the darkest) to 1.
    """
    return Derivation("masked", partial(_masked, hole, fill), partial(_any_format, "masked"))


FUNCTIONS: dict[str, Callable[..., Derivation]] = {
    "grey": grey,
    "lightness": lightness,
    "edges": edges,
    "downscaled": downscaled,
    "masked": masked,
}


def _grey(target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return target @ GREY[:, None]


def _lightness(target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    # Lightness follows from luminance alone, which one product gives, without a and b.
    light = linear_light((target + 1) / 2) @ XYZ_OF_RGB[1].astype(np.float32)
    value = np.clip(srgb_of_light(light) * 2 - 1, -1, 1).astype(np.float32)
    return np.repeat(value[..., None], 3, axis=-1)


def _edges(
    thresholds: tuple[float, float],
    smoothing: float,
    target: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    coloured = target.shape[2] == 3
    picture = to_uint8(target @ GREY if coloured else target.mean(axis=-1))
    if smoothing:
        picture = cv2.GaussianBlur(picture, (0, 0), smoothing)
    lines = cv2.Canny(picture, *thresholds, L2gradient=True)
    return np.where(lines[..., None], np.float32(-1), np.float32(1))


def _downscaled(factor: int, target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width = target.shape[:2]
    if height % factor or width % factor:
        # The areas of a mean would not be whole pixels, and differ from what a smaller picture shows.
        raise ValueError(
            f"pictures of {height} x {width} pixels cannot be reduced by the factor {factor}; "
            "expected a size that is a multiple of it"
        )
    small = resize(target, height // factor, width // factor)
    # The bicubic filter overshoots beside edges.
    clipped: np.ndarray = np.clip(resize(small, height, width), -1, 1)
    return clipped


def _masked(
    hole: float, fill: float, target: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    height, width = target.shape[:2]
    across, down = (max(1, round(side * math.sqrt(hole))) for side in (width, height))
    source = target.copy()
    source[random_window(height, width, down, across, random)] = fill
    return source


def _any_format(name: str, target: PictureFormat) -> PictureFormat:
    if target.classes:
        raise ValueError(
            f"function {name} works on pictures, but target_format.classes says that targets are label maps; "
            "leave the classes out"
        )
    return target


def _colour_format(name: str, target: PictureFormat) -> PictureFormat:
    target = _any_format(name, target)
    if target.channels != "rgb":
        raise ValueError(
            f"function {name} takes the colours away, but target_format.channels is {target.channels}; expected rgb"
        )
    if len(target.low) > 1:
        raise ValueError(
            f"function {name} needs one range for all colours; set target_format.range and no percentiles"
        )
    return target


def _grey_format(name: str, target: PictureFormat) -> PictureFormat:
    return replace(_colour_format(name, target), channels="grey")


def _line_format(name: str, target: PictureFormat) -> PictureFormat:
    # Drawings are of 8 bits, however deep the pictures are.
    _any_format(name, target)
    return PictureFormat("grey")
