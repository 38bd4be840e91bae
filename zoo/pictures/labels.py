"""Label maps: classes by their values in files or by their colours."""

from __future__ import annotations

import colorsys

import numpy as np

# The index of pixels that belong to no class.
UNLABELLED = 255

Classes = tuple[int, ...] | tuple[tuple[int, int, int], ...]
"""The value in files of each class, or its colour (red, green, blue)."""


def are_coloured(classes: Classes) -> bool:
    """Return whether classes are told by colours."""
    return bool(classes) and not isinstance(classes[0], int)


def class_indices(array: np.ndarray, classes: Classes) -> np.ndarray:
    """Return the index of each pixel's class.

    Args:
        array: (height, width, 1) of values, or (height, width, 3) of colours of 8 bits.
        classes: what stands for each.

    Returns:
        uint8 (height, width, 1); 255 where a value says that there is none.

    Raises:
        ValueError: if a value or a colour is no class.
    """
    coloured = are_coloured(classes)
    if coloured:
        codes = (array.astype(np.int32) << np.array([16, 8, 0])).sum(axis=-1, keepdims=True)
        known = np.array(classes) @ [1 << 16, 1 << 8, 1]
    else:
        codes, known = array, np.array(classes)
    order = np.argsort(known)
    found = np.clip(np.searchsorted(known, codes, sorter=order), 0, len(known) - 1)
    indices: np.ndarray = order[found].astype(np.uint8)
    unknown = known[indices] != codes
    strange = unknown if coloured else unknown & (codes != UNLABELLED)
    if strange.any():
        code = int(codes[strange][0])
        what = (
            f"colour {[code >> 16, code >> 8 & 255, code & 255]}" if coloured else f"value {code}"
        )
        raise ValueError(f"has pixels of the {what}, which is none of its {len(classes)} classes")
    indices[unknown] = UNLABELLED
    return indices


def palette_of(classes: Classes) -> np.ndarray:
    """Return a colour for each class, uint8 (classes, 3): its own, or one that differs from its neighbours'."""
    if are_coloured(classes):
        return np.array(classes, np.uint8)
    # Steps of the golden ratio around the circle of hues never come near an earlier one.
    hues = [index * 0.618034 % 1 for index in range(len(classes))]
    colours = [colorsys.hsv_to_rgb(hue, 0.75, 0.9) for hue in hues]
    return np.array([[round(255 * part) for part in colour] for colour in colours], np.uint8)
