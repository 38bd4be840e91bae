"""What of a folder is learned from, what is held out, and what cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from zoo.data.checks import refuse, unusable
from zoo.data.layout import Found, Item, Places
from zoo.errors import DataError

Find = Callable[[str | None], tuple[Found[Item], ...]]


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

    def counts(self) -> tuple[str, str]:
        """Say how many are learned from and how many held out, such as "9 pairs" and "1"."""
        learned = [len(items) for items in self.learned]
        what = f"{learned[0]} pairs"
        if len(learned) == 2:
            what = f"{learned[0]} pictures A and {learned[1]} B"
        return what, " and ".join(str(len(items)) for items in self.held_out)


def select(
    places: Places,
    find: Find[Item],
    *,
    train: str,
    test: str,
    test_share: float,
    skip: bool,
    verify: bool,
) -> Selection[Item]:
    """Find the collections of a folder, leave out what cannot be used, and hold some of each out.

    Args:
        places: where to look.
        find: gives the collections of a part of the folder, `places.pairs` or `places.piles`.
        train: name of the part to learn from.
        test: name of the part to hold out; `val` stands in for a `test` that is not there.
        test_share: share of each collection to hold out if there is no such part, 0 to 1.
        skip: leave out what cannot be used rather than stop.
        verify: decode every picture to see whether it can be used.

    Raises:
        DataError: if there is nothing, if it is not clear what is meant, or if pictures cannot be
            used.
    """
    learned: tuple[Found[Item], ...]
    held_out: tuple[Found[Item], ...]
    learned, held_out = _parts(places, find, train, test)
    bad: dict[Path, str] = {}
    for found in (*learned, *held_out):
        bad |= found.unusable
    bad |= unusable(_all(learned + held_out), verify=verify)
    if bad and not skip:
        raise refuse(places.root, bad)
    usable = _usable(learned, bad)
    if any(held_out):
        selection = Selection(usable, _usable(held_out, bad), bad)
    else:
        split = [hold_out(items, test_share) for items in usable]
        selection = Selection(
            tuple(some for some, _ in split), tuple(others for _, others in split), bad
        )
    if not all(selection.learned + selection.held_out):
        some, others = selection.counts()
        skipped = f", and {len(bad)} pictures cannot be used" if bad else ""
        raise DataError(
            f"{places.root} has {some} to train on and {others} held out{skipped}; "
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
    return hashlib.sha256(name.encode()).hexdigest()


def _parts(
    places: Places, find: Find[Item], train: str, test: str
) -> tuple[tuple[Found[Item], ...], tuple[Found[Item], ...]]:
    """What is to be learned from, and what is held out, which may be empty."""
    learned, whole = find(train), find(None)
    if any(learned) and any(whole):
        raise DataError(
            f"{places.root} holds pictures and also the part {train}; move the pictures away, "
            f"or name {places.root / train} as path"
        )
    held_out = find(test)
    if not any(held_out) and test == "test":
        held_out = find("val")
    if not (any(learned) or any(whole)):
        raise places.nothing()
    return learned if any(learned) else whole, held_out


def _all(collections: Iterable[Found[Item]]) -> list[Item]:
    return [item for found in collections for item in found.items]


def _usable(collections: Iterable[Found[Item]], bad: dict[Path, str]) -> tuple[list[Item], ...]:
    return tuple(
        [item for item in found.items if not any(file in bad for file in item.files)]
        for found in collections
    )
