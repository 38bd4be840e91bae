"""Which splits are trained on, and which are held out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zoo import DataError, nearest
from zoo.data import STAND_INS


def find_splits(
    name: str, splits: Collection[str], train: str, test: str, sides: Sequence[str] = ("",)
) -> tuple[list[str], list[str] | None]:
    """Return the splits to train on and those to hold out, one a side; None if there are none to hold out.

    Args:
        name: of the dataset, for errors.
        splits: names of what there is.
        train: the split to train on, or a slice of it, as `train[:90%]`.
        test: the same to hold out; `validation` and `val` stand in for a `test` that is not there.
        sides: what follows the names, as `A` and `B` in `trainA` and `trainB`.

    Raises:
        DataError: if there is no split to train on.
    """
    learned = [_of_side(train, side) for side in sides]
    for split in map(_base, learned):
        if split not in splits:
            raise DataError(
                f"the dataset {name} has no split {split}; it has {', '.join(splits)}.{nearest(split, splits)}"
            )
    for candidate in (test, *(STAND_INS if test == "test" else ())):
        held_out = [_of_side(candidate, side) for side in sides]
        if all(_base(split) in splits for split in held_out):
            return learned, held_out
    return learned, None


def _base(split: str) -> str:
    return split.partition("[")[0]


def _of_side(split: str, side: str) -> str:
    base, bracket, part = split.partition("[")
    return f"{base}{side}{bracket}{part}"
