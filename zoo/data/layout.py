"""Finding pictures in a folder: what lies where, and what has no partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

from zoo.errors import DataError, nearest
from zoo.pictures import SUFFIXES, find_pictures

Layout = Literal["auto", "side_by_side", "two_folders"]


@dataclass(frozen=True)
class Pair:
    """Where the two pictures of a pair are.

    Args:
        name: file name without its suffix.
        a: file of picture A, or of both side by side.
        b: file of picture B; None if `a` holds both, A on the left.
    """

    name: str
    a: Path
    b: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """One file or two."""
        return (self.a,) if self.b is None else (self.a, self.b)


@dataclass(frozen=True)
class Single:
    """Where a picture without a partner is.

    Args:
        path: its file.
    """

    path: Path

    @property
    def name(self) -> str:
        """File name without its suffix."""
        return self.path.stem

    @property
    def files(self) -> tuple[Path, ...]:
        """One file."""
        return (self.path,)


Item = TypeVar("Item", Pair, Single)


@dataclass
class Found(Generic[Item]):
    """What a folder holds for training or for testing.

    Args:
        items: pairs, or pictures of one side, sorted by name.
        unusable: files that are in no pair, with the reason.
    """

    items: list[Item] = field(default_factory=list)
    unusable: dict[Path, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.items or self.unusable)


@dataclass(frozen=True)
class Places:
    """Where to look.

    Args:
        root: the folder that the user names.
        layout: one of the layouts, or `"auto"` to see which one it is.
        a: name of the folders of A.
        b: name of the folders of B.
    """

    root: Path
    layout: Layout
    a: str
    b: str

    def pairs(self, part: str | None) -> tuple[Found[Pair]]:
        """Find the pairs of a part of the data, or, with None, those that belong to no part.

        Args:
            part: name of a subfolder such as `"train"`, or the beginning of `"trainA"`.

        Raises:
            DataError: if only one of two folders is there, or if it is not clear what is meant.
        """
        both = self.root / part if part else self.root
        sides = self._sides(part)
        together = self.layout != "two_folders" and both.is_dir()
        pictures = find_pictures(both) if together else []
        if sides and pictures:
            raise DataError(
                f"{both} holds {_count(pictures)} and also the folders {sides[0].name} and "
                f"{sides[1].name}: set layout to side_by_side or two_folders to say which is meant"
            )
        if sides:
            return (pair_by_name(*sides),)
        return (Found([Pair(path.stem, path) for path in pictures]),)

    def piles(self, part: str | None) -> tuple[Found[Single], Found[Single]]:
        """Find the pictures A and the pictures B of a part, whatever their names.

        Args:
            part: as `pairs` takes it.

        Raises:
            DataError: if only one of two folders is there.
        """
        sides = self._sides(part)
        if sides is None:
            return Found(), Found()
        a, b = (Found([Single(path) for path in find_pictures(side)]) for side in sides)
        return a, b

    def nothing(self) -> DataError:
        """Say that there is nothing, what was expected, and what is there instead."""
        layouts = {
            "side_by_side": "pictures with A on their left half and B on their right",
            "two_folders": f"the folders {self.a} and {self.b}",
        }
        expected = layouts.get(self.layout, " or ".join(layouts.values()))
        folders = sorted(path.name for path in self.root.iterdir() if path.is_dir())
        near = nearest(self.a, folders) if self.layout != "side_by_side" else ""
        there = f"; the folders there are {', '.join(folders[:10])}" if folders else ""
        what = "folders of pictures" if find_pictures(self.root) else "pictures"
        return DataError(
            f"{self.root} holds no {what}; expected {expected}, there or in train and test, as "
            f"files that end in {', '.join(SUFFIXES)}{there}.{near}"
        )

    def _sides(self, part: str | None) -> tuple[Path, Path] | None:
        if self.layout == "side_by_side":
            return None
        root, a, b = self.root, self.a, self.b
        candidates = [(root / a, root / b)]
        if part:
            candidates = [
                (root / part / a, root / part / b),
                (root / f"{part}{a}", root / f"{part}{b}"),
                (root / a / part, root / b / part),
            ]
        for sides in candidates:
            there = [side for side in sides if side.is_dir()]
            if len(there) == 1:
                (missing,) = set(sides) - set(there)
                raise DataError(
                    f"there is a folder {there[0]}, but no folder {missing} to pair it with; "
                    "name the two folders with a and b"
                )
            if there:
                return sides
        return None


def pair_by_name(first: Path, second: Path) -> Found[Pair]:
    """Pair the pictures of two folders by their file names without suffix.

    Raises:
        DataError: if there are pictures in both, but no name is.
    """
    found: Found[Pair] = Found()
    a, b = _by_name(first), _by_name(second)
    if a and b and a.keys().isdisjoint(b):
        raise DataError(
            f"no picture in {first} has a partner of the same name in {second}; give the pictures "
            "of a pair one name, or set paired to false if the two folders show different things"
        )
    for name in sorted(a.keys() | b.keys()):
        mine, others = a.get(name, []), b.get(name, [])
        if len(mine) == len(others) == 1:
            found.items.append(Pair(name, mine[0], others[0]))
            continue
        for path in mine + others:
            partners, folder = (others, second) if path in mine else (mine, first)
            if partners:
                names = ", ".join(sorted({file.name for file in mine + others}))
                found.unusable[path] = f"more than two files have this name: {names}"
            else:
                found.unusable[path] = f"has no partner of the same name in {folder}"
    return found


def _by_name(folder: Path) -> dict[str, list[Path]]:
    named: dict[str, list[Path]] = {}
    for path in find_pictures(folder):
        named.setdefault(path.stem, []).append(path)
    return named


def _count(pictures: Sequence[Path]) -> str:
    return "1 picture" if len(pictures) == 1 else f"{len(pictures)} pictures"
