"""The dataset `folder`: people's own pairs of pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from zoo.data.checks import describe, refuse, unusable
from zoo.data.dataset import Dataset
from zoo.data.layout import Found, Layout, Pair, Places
from zoo.data.pairs import PicturePairs, Preparation
from zoo.errors import DataError, nearest


def folder(
    *,
    path: str,
    layout: Layout = "auto",
    a: str = "A",
    b: str = "B",
    direction: Literal["a_to_b", "b_to_a"] = "a_to_b",
    size: int | tuple[int, int] = 256,
    train: str = "train",
    test: str = "test",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    flip: bool = True,
    turns: bool = False,
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.117,
    on_error: Literal["error", "skip"] = "error",
    verify: bool = True,
) -> Dataset:
    """Pairs of pictures from a folder: side by side in one file, or in two folders by file name.

    JPEG, PNG, WebP, TIFF and BMP files, 8 bits a channel, read as RGB. A pair's pictures must be
    equally large; pairs may differ in size, and are all resized to `size` with a bicubic filter.
    A picture that holds both is cut in two before it is resized. Pictures lie in the folder itself
    or in its parts `train` and `test` (`val` stands in for a `test` that is not there); two folders
    may be `train/A`, `trainA` or `A/train`. Without a test part, the same pairs are always held
    out: those whose names have the least SHA-256. See docs/data.md.

    Args:
        path: the folder; a relative one starts where the command is run.
        layout: `side_by_side` (A left, B right), `two_folders`, or `auto` to see which one it is.
        a: name of the folders with the pictures A.
        b: name of the folders with the pictures B.
        direction: `a_to_b` translates A to B, `b_to_a` the other way round.
        size: height and width in pixels, one number for a square or two.
        train: name of the part to train on.
        test: name of the part that is held out.
        test_share: share of the pairs that is held out if there is no test part, 0 to 1.
        flip: mirror half of the training pairs left to right.
        turns: turn training pairs by 0, 90, 180 or 270 degrees; needs a square size.
        jitter: resize training pairs to 1 + jitter times the size, then crop the size at random;
            0.117 makes 286 of 256 pixels as the paper does.
        on_error: stop at pictures that cannot be used, or `skip` them and count them.
        verify: decode every picture at the start, to find the broken ones; otherwise only headers.

    Raises:
        DataError: if pictures are missing, unpaired, unreadable, or of different sizes; names them.
        ValueError: if arguments contradict each other.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) < 1:
        raise ValueError(f"the size is {height} x {width}; expected at least 1 pixel each way")
    if turns and height != width:
        raise ValueError(
            f"turns needs square pictures, but the size is {height} x {width}; "
            "set turns to false or use one number as size"
        )
    if a == b:
        raise ValueError(f"a and b are both '{a}'; name two different folders")
    places = Places(_existing(path), layout, a, b)
    learned, held_out = _parts(places, train, test)
    bad = _unusable(places.root, learned, held_out, verify)
    if bad and on_error == "error":
        raise refuse(places.root, bad)
    learned_pairs, held_out_pairs = _split(
        _usable(learned, bad), _usable(held_out, bad), bool(held_out), test_share, places.root, bad
    )
    preparation = Preparation(
        height, width, reverse=direction == "b_to_a", flip=flip, turns=turns, jitter=jitter
    )
    return Dataset(
        train=PicturePairs(learned_pairs, preparation),
        test=PicturePairs(held_out_pairs, preparation),
        source_shape=(height, width, 3),
        target_shape=(height, width, 3),
        summary=_summary(places.root, learned_pairs, held_out_pairs, preparation, len(bad)),
        skipped=tuple(describe(places.root, bad)),
    )


def _existing(path: str) -> Path:
    root = Path(path).expanduser()
    if root.is_dir():
        return root
    if root.exists():
        raise DataError(f"the picture folder {root} is a file, not a folder")
    beside = root.parent.iterdir() if root.parent.is_dir() else ()
    hint = nearest(root.name, (other.name for other in beside if other.is_dir()))
    raise DataError(f"the picture folder {root} does not exist.{hint}")


def _parts(places: Places, train: str, test: str) -> tuple[Found, Found]:
    """What is to be learned from, and what is held out, which may be empty."""
    learned, whole = places.find(train), places.find(None)
    if learned and whole:
        raise DataError(
            f"{places.root} holds pictures and also the part {train}; move the pictures away, "
            f"or name {places.root / train} as path"
        )
    held_out = places.find(test)
    if not held_out and test == "test":
        held_out = places.find("val")
    if not (learned or whole):
        raise places.nothing()
    return learned or whole, held_out


def _unusable(root: Path, learned: Found, held_out: Found, verify: bool) -> dict[Path, str]:
    bad = {**learned.unusable, **held_out.unusable}
    return bad | unusable([*learned.pairs, *held_out.pairs], verify=verify)


def _usable(found: Found, bad: dict[Path, str]) -> list[Pair]:
    return [pair for pair in found.pairs if not any(file in bad for file in pair.files)]


def _split(
    learned: list[Pair],
    held_out: list[Pair],
    has_test_part: bool,
    test_share: float,
    root: Path,
    bad: dict[Path, str],
) -> tuple[list[Pair], list[Pair]]:
    if not has_test_part:
        by_hash = sorted(learned, key=lambda pair: hashlib.sha256(pair.name.encode()).hexdigest())
        count = max(1, round(test_share * len(learned)))
        chosen = {pair.name for pair in by_hash[:count]}
        held_out = [pair for pair in learned if pair.name in chosen]
        learned = [pair for pair in learned if pair.name not in chosen]
    if not learned or not held_out:
        skipped = f", and {len(bad)} pictures cannot be used" if bad else ""
        raise DataError(
            f"{root} has {len(learned)} pairs to train on and {len(held_out)} held out{skipped}; "
            "expected at least one of each"
        )
    return learned, held_out


def _summary(
    root: Path, learned: list[Pair], held_out: list[Pair], preparation: Preparation, bad: int
) -> str:
    direction = "B to A" if preparation.reverse else "A to B"
    skipped = f", {bad} files skipped" if bad else ""
    return (
        f"{root}, {direction}, {preparation.height} x {preparation.width} px: {len(learned)} pairs "
        f"to train, {len(held_out)} held out{skipped}"
    )
