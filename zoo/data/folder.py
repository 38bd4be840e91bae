"""The dataset `folder`: people's own pictures, in pairs or in two piles."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from zoo.data.checks import describe
from zoo.data.dataset import Dataset, Examples
from zoo.data.layout import Layout, Pair, Places, Single
from zoo.data.pairs import PicturePairs
from zoo.data.piles import unpaired_pictures
from zoo.data.preparation import Preparation
from zoo.data.selection import Selection, select
from zoo.errors import DataError, nearest


def folder(
    *,
    path: str,
    layout: Layout = "auto",
    a: str = "A",
    b: str = "B",
    paired: bool = True,
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
    """Pictures from a folder: pairs side by side in one file or in two folders, or two piles of pictures.

    JPEG, PNG, WebP, TIFF and BMP files, 8 bits a channel, read as RGB, all resized to `size` with a
    bicubic filter. A pair's pictures must be equally large; in two folders they have the same file
    name. A picture that holds both is cut in two before it is resized. With `paired` false, the two
    folders hold as many pictures as they like, of any name and size: every example brings together
    one of A and one of B, drawn afresh in every epoch, which has as many examples as the larger
    pile has pictures. Pictures lie in the folder itself or in its parts `train` and `test` (`val`
    stands in for a `test` that is not there); two folders may be `train/A`, `trainA` or `A/train`.
    Without a test part, the same pictures are always held out: those whose names have the least
    SHA-256. See docs/data.md.

    Args:
        path: the folder; a relative one starts where the command is run.
        layout: `side_by_side` (A left, B right), `two_folders`, or `auto` to see which one it is.
        a: name of the folders with the pictures A.
        b: name of the folders with the pictures B.
        paired: whether the pictures A and B belong together; false for two piles of pictures that
            show different things, as CycleGAN takes them.
        direction: `a_to_b` translates A to B, `b_to_a` the other way round.
        size: height and width in pixels, one number for a square or two.
        train: name of the part to train on.
        test: name of the part that is held out.
        test_share: share of the pairs, or of each pile, that is held out if there is no test part, 0 to 1.
        flip: mirror half of the training examples left to right.
        turns: turn training examples by 0, 90, 180 or 270 degrees; needs a square size.
        jitter: resize training examples to 1 + jitter times the size, then crop the size at random;
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
    if not paired and layout == "side_by_side":
        raise ValueError(
            "pictures side by side in one file are pairs, but paired is false; set paired to true, "
            "or put the pictures into two folders"
        )
    places = Places(_existing(path), layout if paired else "two_folders", a, b)
    reverse = direction == "b_to_a"
    preparation = Preparation(height, width, flip=flip, turns=turns, jitter=jitter)
    choose = partial(
        select,
        places,
        train=train,
        test=test,
        test_share=test_share,
        skip=on_error == "skip",
        verify=verify,
    )
    selection: Selection[Pair] | Selection[Single]
    examples: Callable[..., Examples]
    if paired:
        selection = choose(places.pairs)
        examples = partial(PicturePairs, preparation=preparation, reverse=reverse)
    else:
        selection = choose(places.piles)
        examples = partial(unpaired_pictures, preparation=preparation, reverse=reverse)
    learned, held_out = selection.counts()
    skipped = f", {len(selection.bad)} files skipped" if selection.bad else ""
    return Dataset(
        train=examples(*selection.learned),
        test=examples(*selection.held_out),
        source_shape=(height, width, 3),
        target_shape=(height, width, 3),
        summary=(
            f"{places.root}, {'B to A' if reverse else 'A to B'}{'' if paired else ', unpaired'}, "
            f"{height} x {width} px: {learned} to train, {held_out} held out{skipped}"
        ),
        skipped=tuple(describe(places.root, selection.bad)),
        paired=paired,
        test_paired=paired,
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
