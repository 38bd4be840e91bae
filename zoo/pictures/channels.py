"""Grey, colours and transparency: how a picture comes to the channels that are expected."""

from __future__ import annotations

import numpy as np

GREY = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow's "L"


def on_white(array: np.ndarray) -> np.ndarray:
    """Lay a picture of 2 or 4 channels, of which the last is alpha, on white; return others as they are."""
    if array.shape[2] not in (2, 4):
        return array
    most = np.iinfo(array.dtype).max if array.dtype.kind == "u" else 1
    opacity = array[..., -1:].astype(np.float32) / most
    laid = array[..., :-1] * opacity + most * (1 - opacity)
    return (laid if array.dtype.kind == "f" else np.rint(laid)).astype(array.dtype)


def grey_or_colours(array: np.ndarray, depth: int) -> np.ndarray:
    """Return a picture of 1 or 3 channels as one of `depth`: grey is repeated to RGB, RGB mixed to grey."""
    if array.shape[2] == depth:
        return array
    if depth == 3:
        return np.repeat(array, 3, axis=-1)
    mixed = array @ GREY[:, None]
    return mixed if array.dtype.kind == "f" else np.rint(mixed).astype(array.dtype)


def counted_channels(channels: int) -> str:
    """Return a number of channels in words, as errors and tables have it."""
    return "1 channel" if channels == 1 else f"{channels} channels"


def type_in_words(dtype: np.dtype | str) -> str:
    """Return the type of values in words, as errors have it."""
    kind = np.dtype(dtype)
    sign = {"u": "", "i": "signed ", "f": "floating-point "}.get(kind.kind, f"{kind} ")
    return f"{sign}{8 * kind.itemsize} bits"
