"""Where the pictures of a path lie: a folder, a manifest or one file, as datasets find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.data.inspection.findings import Layout
from zoo.data.inspection.guess import Guess, guess
from zoo.data.inspection.halves import Halves, side_by_side
from zoo.data.inspection.survey import Survey, survey
from zoo.data.layout import Found, Pair, Places, Single
from zoo.data.manifest import Manifest
from zoo.data.matching import as_list, likely_pairs
from zoo.data.selection import Find
from zoo.errors import DataError
from zoo.pictures import SUFFIXES, find_pictures
from zoo.pictures.find import no_pictures

# What was found in each part; what belongs to no part is under None.
FoundParts = dict[str | None, tuple[Found[Any], ...]]
BOTH, ALL = "both", "pictures"
# Share of pairs by name that must be equally large to be pairs indeed.
EQUAL = 0.5


@dataclass
class Placed:
    """The pictures of a path, found as the proposed recipe will find them.

    Args:
        root: the folder that they are below.
        layout: how they lie.
        survey: the headers of all.
        parts: by name, or None for what belongs to no part, what was found: one collection of pairs or of pictures, or
            one a side.
        train: name of the part to train on.
        test: name of the part to hold out.
        arguments: of the dataset `folder`, what is not a default.
        notes: what else is to be said.
    """

    root: Path
    layout: Layout
    survey: Survey
    parts: FoundParts
    train: str = "train"
    test: str = "test"
    arguments: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def files(self) -> list[tuple[str, str | None, Path]]:
        """Return side, part and path of every file that is in a pair or a pile."""
        return [
            (side, part, path)
            for part, collections in self.parts.items()
            for position, found in enumerate(collections)
            for item in found.items
            for side, path in self._sides(item, position)
        ]

    @property
    def learned(self) -> str | None:
        """The part to train on; None is what belongs to no part."""
        return self.train if self.train in self.parts else None

    @property
    def held_out(self) -> str | None:
        """The part that is held out; None if there is none, so that a share of the others is."""
        stand_in = "val" if self.test == "test" else self.test
        return next((part for part in (self.test, stand_in) if part in self.parts), None)

    def _sides(self, item: Pair | Single, position: int) -> list[tuple[str, Path]]:
        if isinstance(item, Single):
            return [(self.layout.sides[position] if self.layout.sides else ALL, item.path)]
        if item.b is None:
            return [(BOTH, item.a)]
        return list(zip(self.layout.sides, (item.a, item.b), strict=True))


def place_folder(path: Path) -> Placed:
    """Find out how the pictures of a folder lie.

    Raises:
        DataError: if there are none.
    """
    pictures = find_pictures(path, nested=True)
    if not pictures:
        raise DataError(
            f"{path} {no_pictures(path)}; expected files that end in {', '.join(SUFFIXES)}, there or in folders below"
        )
    named = guess(path, pictures)
    seen = survey(pictures)
    halves = Halves(False)
    if not named.sure:
        halves = side_by_side(pictures, seen)
        if halves.seam:  # Two folders of them are two days or two places, not two sides.
            named = guess(path, pictures, together=True)
    placed = _two_sides(named, seen) if named.sides else _together(named, halves, seen)
    _note_parts(placed, named)
    return placed


def place_manifest(path: Path) -> Placed:
    """Read a manifest.

    Raises:
        DataError: if it cannot be read, or lists nothing.
    """
    manifest = Manifest(path)
    paired = all(row.keys() >= {"source", "target"} for row in manifest.rows)
    splits = list(dict.fromkeys(row.get("split") for row in manifest.rows))
    piles = _found(manifest.unpaired, splits, [])
    parts = _found(manifest.pairs, splits, []) if paired else piles
    files = {item.path: None for sides in piles.values() for found in sides for item in found.items}
    if not files:
        raise manifest.nothing()
    named = Guess(path.parent, ("source", "target"), paired, False, tuple(filter(None, splits)))
    placed = Placed(
        root=path.parent,
        layout=Layout("manifest", ("source", "target"), paired),
        survey=survey(list(files)),
        parts=parts,
        train=named.train,
        test=named.test,
        arguments={} if paired else {"paired": False},
    )
    _note_parts(placed, named)
    return placed


def place_picture(path: Path) -> Placed:
    """Look at one picture file.

    Raises:
        DataError: if it cannot be read.
    """
    seen = survey([path])
    if path in seen.unreadable:
        raise DataError(f"{path} {seen.unreadable[path]}")
    return Placed(
        root=path.parent,
        layout=Layout("one picture"),
        survey=seen,
        parts={None: (Found([Single(path, path.stem)]),)},
    )


def _two_sides(named: Guess, seen: Survey) -> Placed:
    assert named.sides is not None
    a, b = named.sides
    notes: list[str] = []
    places = Places(named.root, "two_folders", a, b, named.nested, named.parts)
    parts: FoundParts = {}
    paired = named.paired
    if paired:
        parts = _found(places.pairs, (None, *named.parts), notes)
        equal = [
            _size(seen, pair.a) == _size(seen, pair.b)
            for (found,) in parts.values()
            for pair in found.items
        ]
        if equal and sum(equal) < EQUAL * len(equal):
            paired = False
            notes = [
                f"only {sum(equal)} of {len(equal)} pictures with the same name in {a} and {b} are equally large, "
                "so that they seem to be no pairs; if they are, resize them"
            ]
    if not paired:
        parts = _found(places.unpaired, (None, *named.parts), notes)
        notes += _unequal_names(parts)
    arguments: dict[str, Any] = {}
    # As pix2pixHD's data have label maps to test with, and no pictures for them.
    if paired and named.test in named.parts and named.train in parts and named.test not in parts:
        arguments["test"] = None
        notes.append(f"the part {named.test} cannot be held out, so that it is left out")
    if named.beside:
        arguments["layout"] = "two_folders"
        lie = "1 picture lies" if named.beside == 1 else f"{named.beside} pictures lie"
        notes.append(f"{lie} outside of these two folders and will not be used")
    if named.instances:
        notes.append(
            f"{' and '.join(named.instances)}: maps of instances, as pix2pixHD has them beside label maps; "
            "they will not be used"
        )
    arguments |= {key: name for key, name, usual in (("a", a, "A"), ("b", b, "B")) if name != usual}
    if not paired:
        arguments.pop("layout", None)
        arguments["paired"] = False
    if named.nested:
        arguments["nested"] = True
    guessed = "" if named.sides == ("A", "B") else _why(named, paired)
    return Placed(
        root=named.root,
        layout=Layout(
            "two folders" if paired else "two piles", named.sides, paired, named.nested, guessed
        ),
        survey=seen,
        parts=parts,
        train=named.train,
        test=named.test,
        arguments=arguments,
        notes=notes,
    )


def _unequal_names(parts: FoundParts) -> list[str]:
    """Say which list would make pairs of two folders of different names."""
    for a, b in (sides for sides in parts.values() if len(sides) == 2):
        names = [{item.name: [item.path] for item in side.items} for side in (a, b)]
        if names[0].keys().isdisjoint(names[1]) and (pairs := likely_pairs(*names)):
            return [f"if these are pairs under different names, {as_list(pairs)}"]
    return []


def _why(named: Guess, paired: bool) -> str:
    if paired:
        return "most of their files have the same names"
    return "there are two folders, and their files have different names"


def _together(named: Guess, halves: Halves, seen: Survey) -> Placed:
    notes: list[str] = []
    places = Places(named.root, "side_by_side", "A", "B", named.nested, named.parts)
    find: Find[Any] = places.pairs if halves.likely else places.pictures
    parts = _found(find, (None, *named.parts), notes)
    if not halves.likely:
        notes.append(
            "no pairs are seen: sources can be made from the pictures, as the section below says; or put sources and "
            "targets into two folders, A and B, pairs with the same names"
        )
    return Placed(
        root=named.root,
        layout=Layout(
            "side by side" if halves.likely else "one pile",
            ("A", "B") if halves.likely else (),
            halves.likely,
            named.nested,
            halves.reason,
        ),
        survey=seen,
        parts=parts,
        train=named.train,
        test=named.test,
        arguments={"nested": True} if named.nested else {},
        notes=notes,
    )


def _found(
    find: Find[Any],
    parts: Sequence[str | None],
    notes: list[str],
) -> FoundParts:
    """Return the parts that hold anything; what is not clear becomes a note."""
    found = {}
    for part in parts:
        try:
            collections = find(part)
        except DataError as error:
            notes.append(str(error))
            continue
        if any(collections):
            found[part] = collections
    return found


def _note_parts(placed: Placed, named: Guess) -> None:
    """Say what the recipe's two parts are called, and what keeps them from being used."""
    if placed.train != "train" and placed.train in placed.parts:
        placed.arguments["train"] = placed.train
    # `val` stands in for a missing `test` by itself.
    if placed.test not in ("test", "val") and placed.test in placed.parts:
        placed.arguments["test"] = placed.test
    if placed.test == "val":
        placed.test = "test"
    if None in placed.parts and placed.train in placed.parts:
        placed.notes.append(
            f"pictures lie beside the part {placed.train}; as long as they are there, the folder cannot be used"
        )
    if placed.learned is None and None not in placed.parts:
        parts = " and ".join(str(part) for part in placed.parts)
        placed.notes.append(
            f"there is nothing to train on, only {parts}; rename a part to train, or name it with train"
        )
    if placed.held_out is None:
        placed.notes.append(
            "there is no test part: a tenth of the pictures, chosen by their names, will be held out (test_share)"
        )


def _size(seen: Survey, path: Path | None) -> tuple[int, int] | None:
    header = seen.headers.get(path) if path else None
    return (header.height, header.width) if header else None
