"""Comparing a dataset's first examples with what it declares, so that a mistake shows before training."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from zoo.data.dataset import Dataset
from zoo.pictures import PictureFormat
from zoo.pictures.channels import counted_channels

# Rounding may lead values a little out of [-1, 1].
MARGIN = 1e-3
# Grey to the eye in so many pictures is grey in all, mostly.
LOOKED_AT = 4
SIDES = ("source", "target")


def check_examples(dataset: Dataset) -> None:
    """Compare the first example to train on, and the first that is held out, with the declaration.

    Raises:
        ValueError: if an example has another shape or type, or values that are none of [-1, 1]; says which.
    """
    for side in SIDES:
        declared, form = _shape(dataset, side), _format(dataset, side)
        if declared[2] != form.depth:
            raise ValueError(
                f"{side}_shape is {_size(declared)}, but {side}_format has {counted_channels(form.depth)}; expected "
                f"as many as the shape; a dataset states it as zoo.PictureFormat(channels={declared[2]})"
            )
    for part, examples in (("training", dataset.train), ("held-out", dataset.test)):
        if len(examples):
            _check(f"the first {part} example", examples.example(0, None), dataset)


def grey_sides(dataset: Dataset) -> Iterable[str]:
    """Yield the sides whose pictures are read as RGB although the first of them are grey."""
    count = min(LOOKED_AT, len(dataset.train))
    first = [dataset.train.example(index, None) for index in range(count)]
    for side in SIDES:
        form = _format(dataset, side)
        if form.channels != "rgb" or form.classes:
            continue
        pictures = [example[side] for example in first]
        if pictures and all((picture == picture[..., :1]).all() for picture in pictures):
            yield side


def _check(what: str, example: dict[str, np.ndarray], dataset: Dataset) -> None:
    for side in SIDES:
        declared = _shape(dataset, side)
        picture = _array(what, example, side)
        if picture.shape != declared:
            raise ValueError(
                f"the {side} of {what} is {_size(picture.shape)}, but the dataset declares {side}_shape "
                f"{_size(declared)} (height x width x channels); make the two agree"
            )
        if picture.dtype.kind != "f":
            raise ValueError(
                f"the {side} of {what} has values of the type {picture.dtype}; expected float32 from -1 to 1"
            )
        least, most = float(picture.min()), float(picture.max())
        # Not "least < -1": NaN is no value of the range either.
        if not (least >= -1 - MARGIN and most <= 1 + MARGIN):
            raise ValueError(
                f"the {side} of {what} has values from {least:g} to {most:g}; expected -1 to 1"
            )
    if dataset.formats.target.masked:
        mask, wanted = _array(what, example, "target_mask"), (*dataset.target_shape[:2], 1)
        if mask.shape != wanted:
            raise ValueError(
                f"target_mask of {what} is {_size(mask.shape)}; expected {_size(wanted)}, 0 in holes and 1 elsewhere"
            )


def _array(what: str, example: dict[str, np.ndarray], key: str) -> np.ndarray:
    if key not in example:
        raise ValueError(f"{what} has no {key}; it has {', '.join(example) or 'nothing'}")
    value = example[key]
    if not isinstance(value, np.ndarray):
        raise ValueError(
            f"the {key} of {what} is of the type {type(value).__name__}; expected a NumPy array"
        )
    return value


def _shape(dataset: Dataset, side: str) -> tuple[int, ...]:
    return tuple(dataset.source_shape if side == "source" else dataset.target_shape)


def _format(dataset: Dataset, side: str) -> PictureFormat:
    return dataset.formats.of(side)


def _size(shape: Iterable[int]) -> str:
    return " x ".join(map(str, shape)) or "a single number"
