"""What of a folder is learned from, what is held out, and what cannot be used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from zoo.data.checks import refuse
from zoo.data.layout import Found, Item, Places, Single
from zoo.data.manifest import Manifest
from zoo.errors import DataError

Find = Callable[[str | None], tuple[Found[Item], ...]]
Where = Places | Manifest


@dataclass(frozen=True)
class Selection(Generic[Item]):
    """The collections of a folder, one of pairs, or one of pictures A and one of pictures B.

    Args:
        learned: of each collection, what is learned from.
        held_out: of each collection, what is held out.
        bad: files that were left out, with the reason.
    """

    learned: tuple[list[Item], ...]
    held_out: tuple[list[Item], ...]
    bad: dict[Path, str]

    @property
    def noun(self) -> str:
        """What the items are."""
        items = [item for collection in self.learned for item in collection]
        return "pictures" if items and isinstance(items[0], Single) else "pairs"

    def counts(self) -> tuple[str, str]:
        """Say how many are learned from and how many held out, such as "9 pairs" and "1"."""
        learned = [len(items) for items in self.learned]
        what = f"{learned[0]} {self.noun}"
        if len(learned) == 2:
            what = f"{learned[0]} pictures A and {learned[1]} B"
        return what, " and ".join(str(len(items)) for items in self.held_out)


@dataclass(frozen=True)
class SplitItems(Generic[Item]):
    """What a folder holds, before it is known what of it can be used.

    Args:
        learned: of each collection, what is to be learned from.
        held_out: of each collection, what is to be held out; may be empty.
    """

    learned: tuple[Found[Item], ...]
    held_out: tuple[Found[Item], ...]

    @property
    def items(self) -> list[Item]:
        """All pairs or pictures."""
        return [item for found in self.learned + self.held_out for item in found.items]

    @property
    def unusable(self) -> dict[Path, str]:
        """Files that are in no pair, with the reason."""
        return {
            path: reason
            for found in self.learned + self.held_out
            for path, reason in found.unusable.items()
        }


def find_parts(
    places: Where, find: Find[Item], *, train: str, test: str | None
) -> SplitItems[Item]:
    """Find the collections of a folder or a manifest.

    Args:
        places: where to look.
        find: gives the collections of a part, as `places.pairs`, `places.unpaired` or `places.pictures`.
        train: name of the part to learn from.
        test: name of the part to hold out; `val` stands in for a `test` that is not there; None if there is none.

    Raises:
        DataError: if there is nothing, or if it is not clear what is meant.
    """
    learned, whole = find(train), find(None)
    if any(learned) and any(whole):
        raise DataError(
            f"{places.root} holds pictures and also the part {train}; move the pictures away, "
            f"or name {places.root / train} as path"
        )
    held_out: tuple[Found[Item], ...] = ()
    for part in ("test", "val") if test == "test" else filter(None, [test]):
        if any(held_out):
            break
        try:
            held_out = find(part)
        except DataError as error:
            raise DataError(f"{error}; or set test to null, to leave {part} out") from None
    if not (any(learned) or any(whole)):
        raise places.nothing()
    return SplitItems(learned if any(learned) else whole, held_out)


def select(
    root: Path, parts: SplitItems[Item], bad: dict[Path, str], *, test_share: float, skip: bool
) -> Selection[Item]:
    """Leave out what cannot be used, and hold some of each collection out.

    Args:
        root: the folder, for errors.
        parts: what it holds.
        bad: files that cannot be used, with the reason.
        test_share: share of each collection to hold out if no part is for that, 0 to 1.
        skip: leave bad files out; otherwise they are an error.

    Raises:
        DataError: if pictures cannot be used, or too few are left.
    """
    if bad and not skip:
        raise refuse(root, bad)
    usable = _usable(parts.learned, bad)
    if any(parts.held_out):
        selection = Selection(usable, _usable(parts.held_out, bad), bad)
    else:
        split = [hold_out(items, test_share) for items in usable]
        selection = Selection(
            tuple(some for some, _ in split), tuple(others for _, others in split), bad
        )
    if not all(selection.learned + selection.held_out):
        some, others = selection.counts()
        skipped = f", and {len(bad)} pictures cannot be used" if bad else ""
        raise DataError(
            f"{root} has {some} to train on and {others} held out{skipped}; "
            "expected at least one of each"
        )
    return selection


def hold_out(items: Sequence[Item], share: float) -> tuple[list[Item], list[Item]]:
    """Part items into those to learn from and those to hold out: the least SHA-256 of their names.

    Args:
        items: pairs or pictures.
        share: how many are held out, 0 to 1; one at least.
    """
    names = sorted((item.name for item in items), key=_hash)
    chosen = set(names[: max(1, round(share * len(names)))])
    learned = [item for item in items if item.name not in chosen]
    return learned, [item for item in items if item.name in chosen]


def _hash(name: str) -> str:
    # Names of old archives may hold bytes that are no UTF-8.
    return hashlib.sha256(os.fsencode(name)).hexdigest()


def _usable(collections: Iterable[Found[Item]], bad: dict[Path, str]) -> tuple[list[Item], ...]:
    return tuple(
        [item for item in found.items if not any(file in bad for file in item.files)]
        for found in collections
    )
