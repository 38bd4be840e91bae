"""Pictures beside each other, to look at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures.formats import RGB, read_picture
from zoo.pictures.grid import draw_grid

# Networks paint a little beyond [-1, 1]; what lies further out was never meant to be in it.
FARTHEST = 2.0


def show(*pictures: Any, labels: Sequence[str] | None = None, **columns: Any) -> Image.Image:
    """Lay pictures out in columns, one row an example; the image shows itself in a notebook and has `save(path)`.

        zoo.show(source=batch["source"], translated=model.predict(batch), target=batch["target"])

    Args:
        pictures: a column each: a picture, a batch of them, or a list. A picture is an array (height, width) or
            (height, width, channels), uint8 or floats in [-1, 1], a PIL image, or the path of a file. Of more than
            three channels the first three are shown.
        labels: of these columns; they are numbered without.
        columns: further columns, by their labels.

    Raises:
        ZooError: if there are none, columns differ in length, or something is no picture.
    """
    named = list(labels) if labels is not None else [str(n + 1) for n in range(len(pictures))]
    if len(named) != len(pictures):
        raise ZooError(f"show got {len(pictures)} columns and {len(named)} labels for them")
    if twice := [label for label in {*named, *columns} if [*named, *columns].count(label) > 1]:
        raise ZooError(f"show got two columns labelled '{sorted(twice)[0]}'")
    grid = {
        label: [_for_people(picture, label) for picture in _several(column)]
        for label, column in [*zip(named, pictures, strict=True), *columns.items()]
    }
    lengths = {label: len(column) for label, column in grid.items()}
    if not lengths or min(lengths.values()) == 0 or len(set(lengths.values())) > 1:
        told = ", ".join(f"{label} {length}" for label, length in lengths.items()) or "none"
        raise ZooError(f"show needs columns of equally many pictures, one at least; got {told}")
    return Image.fromarray(draw_grid(grid))


def _several(column: Any) -> Sequence[Any]:
    """Return the pictures of a column."""
    if isinstance(column, list | tuple):
        return column
    if isinstance(column, Image.Image | str | os.PathLike):
        return [column]
    array = np.asarray(column)
    return list(array) if array.ndim == 4 else [array]


def _for_people(picture: Any, label: str) -> np.ndarray:
    """Return a picture as uint8 (height, width, 3)."""
    if isinstance(picture, str | os.PathLike):
        return read_picture(Path(picture))
    if isinstance(picture, Image.Image):
        return np.asarray(picture.convert("RGB"))
    array = np.asarray(picture)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or 0 in array.shape:
        raise ZooError(
            f"a picture of the column '{label}' has the shape {np.shape(picture)}; expected (height, width) or "
            "(height, width, channels)"
        )
    if array.dtype == np.uint8:
        values = array.astype(np.float32) / 127.5 - 1
        return array if array.shape[2] == 3 else RGB.for_people(values)
    if array.dtype.kind != "f":
        raise ZooError(
            f"a picture of the column '{label}' holds {array.dtype}; expected uint8, or floats in [-1, 1]"
        )
    # Holes are white, as they are in samples.
    values = np.where(np.isnan(array), 1.0, array)
    if np.abs(values).max() > FARTHEST:
        raise ZooError(
            f"a picture of the column '{label}' holds {values.min():g} to {values.max():g}; expected floats in "
            "[-1, 1], or uint8"
        )
    return RGB.for_people(values)
