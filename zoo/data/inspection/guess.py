"""What the names of folders say: which are parts such as train and test, which are the two sides of pairs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "validation", "valid", "dev")
PARTS = (*TRAIN, *TEST, *VALIDATION)
# `trainA`: a part and a side in one name.
JOINED = re.compile(rf"({'|'.join(sorted(PARTS, key=len, reverse=True))})(.+)", re.IGNORECASE)
# Sides that come first although the alphabet says otherwise.
FIRST = ("before", "low", "lr", "noisy", "x")
# The folders of pix2pixHD: label maps are the sources, pictures the targets; maps of instances belong to the labels.
LABELS, INSTANCES = ("label", "labels"), ("inst", "instance", "instances")
# What may stand between a part and a side, as in `train_label`.
SEPARATORS = "_-. "
# Share of the smaller side's names that the other side must have as well for the two to be pairs.
SHARED = 0.5
# Of more folders than this nobody means two as sides.
MOST_SIDES = 12

Key = tuple[str | None, tuple[str, ...], str]


@dataclass(frozen=True)
class Guess:
    """What the names say.

    Args:
        root: the folder that all is in; the one that was asked for, or the only folder in it.
        sides: names of the folders of A and B, or of what follows the part's name; None if pictures lie together.
        paired: whether the two sides have the same file names.
        nested: whether pictures lie in folders below.
        parts: names of the parts, those to train on first.
        beside: pictures that are on neither side and in no part.
        instances: names, as of sides, of the folders with maps of instances; they are not counted in `beside`.
    """

    root: Path
    sides: tuple[str, str] | None
    paired: bool
    nested: bool
    parts: tuple[str, ...]
    beside: int = 0
    instances: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the names leave no doubt that there are two sides, whatever the pictures look like."""
        return self.sides is not None and (
            self.sides == ("A", "B") or _word(self.sides[0]) in LABELS
        )

    def part(self, meant: Sequence[str]) -> str | None:
        """Return the part with one of several names."""
        return next((part for name in meant for part in self.parts if part.lower() == name), None)

    @property
    def train(self) -> str:
        """Name of the part to train on."""
        return self.part(TRAIN) or "train"

    @property
    def test(self) -> str:
        """Name of the part to hold out."""
        return self.part(TEST) or self.part(VALIDATION) or "test"


def guess(root: Path, pictures: Sequence[Path], *, together: bool = False) -> Guess:
    """Guess what folders mean by their names.

    Args:
        root: the folder.
        pictures: all picture files below it, at least one.
        together: whether it is known that no folders are the sides of pairs.
    """
    root = _only_folder(root, pictures)
    folders = {
        parent: parent.relative_to(root).parts for parent in {path.parent for path in pictures}
    }
    joined = _joined({parts[0] for parts in folders.values() if parts})
    places = {parent: _place(parts, joined, depth=2) for parent, parts in folders.items()}
    names: dict[str, set[Key]] = defaultdict(set)
    for path in pictures:
        part, below = places[path.parent]
        if below:
            names[below[0]].add((part, below[1:], path.stem))
    sides = None if together else _sides(names)
    if sides is None:
        places = {parent: _place(parts, {}, depth=1) for parent, parts in folders.items()}
        parts = {part for part, _ in places.values() if part}
        nested = any(below for _, below in places.values())
        beside = sum(places[path.parent][0] is None for path in pictures) if parts else 0
        return Guess(root, None, True, nested, _ordered(parts), beside)
    instances = tuple(
        name for name in sorted(names) if _word(name) in INSTANCES and name not in sides
    )
    used = {part: below for part, below in places.values() if below and below[0] in sides}
    nested = any(len(below) > 1 for _, below in places.values() if below and below[0] in sides)
    known = {(name,) for name in (*sides, *instances)}
    beside = sum(places[path.parent][1][:1] not in known for path in pictures)
    return Guess(
        root,
        sides,
        _share(names[sides[0]], names[sides[1]]) >= SHARED,
        nested,
        _ordered({part for part in used if part}),
        beside,
        instances,
    )


def _only_folder(root: Path, pictures: Sequence[Path]) -> Path:
    """Go down while all pictures are in one folder that is no part, as archives are often unpacked."""
    while True:
        first = {path.relative_to(root).parts[:-1][:1] for path in pictures}
        names = {parts[0] for parts in first if parts}
        if () in first or len(names) > 1 or (name := names.pop()).lower() in PARTS:
            return root
        root = root / name


def _joined(names: set[str]) -> dict[str, tuple[str, str]]:
    """Return part and side of names such as `trainA`, where a part has two of them, or more with a separator."""
    found = {
        name: (match[1], match[2])
        for name in names
        if name.lower() not in PARTS and (match := JOINED.fullmatch(name))
    }
    sides: dict[str, set[str]] = defaultdict(set)
    for part, side in found.values():
        sides[part].add(side)
    certain = [
        names
        for names in sides.values()
        if len(names) == 2 or (len(names) > 2 and all(name[0] in SEPARATORS for name in names))
    ]
    # A part that has one of them alone is a part too, as pix2pixHD's `test_label` is.
    known = {side for names in certain for side in names}
    return {name: (part, side) for name, (part, side) in found.items() if side in known}


def _place(
    folders: tuple[str, ...], joined: Mapping[str, tuple[str, str]], *, depth: int
) -> tuple[str | None, tuple[str, ...]]:
    """Return the part that folders stand for, and what else there is of them."""
    if folders and folders[0] in joined:
        part, side = joined[folders[0]]
        return part, (side, *folders[1:])
    for position, name in enumerate(folders[:depth]):
        if name.lower() in PARTS:
            return name, folders[:position] + folders[position + 1 :]
    return None, folders


def _sides(names: Mapping[str, set[Key]]) -> tuple[str, str] | None:
    for both in (("A", "B"), ("a", "b")):
        if names.keys() >= set(both):
            return both
    if not 2 <= len(names) <= MOST_SIDES:
        return None
    ordered = sorted(
        names, key=lambda name: (_word(name) not in (*FIRST, *LABELS), _word(name), name)
    )
    if any(_word(name) in LABELS for name in ordered) and len(ordered) > 2:
        ordered = [name for name in ordered if _word(name) not in INSTANCES]
    if len(ordered) == 2:
        return ordered[0], ordered[1]
    # Of pictures, masks and previews, the two that have most names in common.
    first, second = max(
        combinations(ordered, 2), key=lambda both: len(names[both[0]] & names[both[1]])
    )
    return (first, second) if _share(names[first], names[second]) >= SHARED else None


def _word(side: str) -> str:
    """Return what a side is called, without what parts it from the part's name."""
    return side.lower().strip(SEPARATORS)


def _share(a: set[Key], b: set[Key]) -> float:
    return len(a & b) / min(len(a), len(b))


def _ordered(parts: set[str]) -> tuple[str, ...]:
    return tuple(sorted(parts, key=lambda part: (PARTS.index(part.lower()), part)))
