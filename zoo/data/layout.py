"""Finding pictures in a folder: what lies where, and what has no partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar
from unicodedata import normalize

from zoo.data.matching import as_list, likely_pairs
from zoo.errors import DataError, nearest
from zoo.pictures import SUFFIXES, find_pictures
from zoo.pictures.find import no_pictures

Layout = Literal["auto", "side_by_side", "two_folders"]


@dataclass(frozen=True)
class Pair:
    """Where the two pictures of a pair are.

    Args:
        name: file name without its suffix; of nested folders, with the folders below the side's.
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
        name: file name without its suffix; of nested folders, with the folders below the side's.
    """

    path: Path
    name: str

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
        nested: whether pictures also lie in folders below these.
        parts: names of the parts, which are not looked at for what belongs to no part.
    """

    root: Path
    layout: Layout
    a: str
    b: str
    nested: bool = False
    parts: tuple[str, ...] = ()

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
        if sides and together and (pictures := find_pictures(both)):
            raise DataError(
                f"{both} holds {_count(pictures)} and also the folders {sides[0].name} and "
                f"{sides[1].name}: set layout to side_by_side or two_folders to say which is meant"
            )
        if sides:
            return (pair_by_name(*(self._named(side, part) for side in sides), sides=sides),)
        found = self._named(both, part) if together else {}
        return (
            Found([Pair(name, path) for name, paths in sorted(found.items()) for path in paths]),
        )

    def unpaired(self, part: str | None) -> tuple[Found[Single], Found[Single]]:
        """Find the pictures A and the pictures B of a part, whatever their names.

        Args:
            part: as `pairs` takes it.

        Raises:
            DataError: if only one of two folders is there.
        """
        sides = self._sides(part)
        if sides is None:
            return Found(), Found()
        a, b = (self._pile(side, part) for side in sides)
        return a, b

    def pictures(self, part: str | None) -> tuple[Found[Single]]:
        """Find the pictures of a part that lie together, each by itself.

        Args:
            part: as `pairs` takes it.
        """
        folder = self.root / part if part else self.root
        return (self._pile(folder, part) if folder.is_dir() else Found(),)

    def nothing(self) -> DataError:
        """Say that there is nothing, what was expected, and what is there instead."""
        layouts = {
            "side_by_side": "pictures with A on their left half and B on their right",
            "two_folders": f"the folders {self.a} and {self.b}",
        }
        expected = layouts.get(self.layout, " or ".join(layouts.values()))
        folders = sorted(path.name for path in self.root.iterdir() if path.is_dir())
        known = self.layout == "side_by_side" or self.a in folders
        near = "" if known else nearest(self.a, folders)
        there = f"; the folders there are {', '.join(folders[:10])}" if folders else ""
        beside = find_pictures(self.root)
        what = "holds no folders of pictures" if beside else no_pictures(self.root)
        return DataError(
            f"{self.root} {what}; expected {expected}, there or in train and test, as "
            f"files that end in {', '.join(SUFFIXES)}{there}.{near}"
        )

    def _pile(self, folder: Path, part: str | None) -> Found[Single]:
        named = self._named(folder, part)
        return Found(
            [Single(path, name) for name, paths in sorted(named.items()) for path in paths]
        )

    def _named(self, folder: Path, part: str | None) -> dict[str, list[Path]]:
        """Return the pictures of a folder by their names without suffix, with the folders between."""
        named: dict[str, list[Path]] = {}
        for path in find_pictures(folder, nested=self.nested):
            below = path.relative_to(folder)
            # What lies in a part belongs to that alone.
            if part is None and len(below.parts) > 1 and below.parts[0] in self.parts:
                continue
            # An accented letter may be one character or two; some systems write one, some the other.
            name = normalize("NFC", below.with_suffix("").as_posix())
            named.setdefault(name, []).append(path)
        return named

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


def pair_by_name(
    a: Mapping[str, Sequence[Path]], b: Mapping[str, Sequence[Path]], *, sides: tuple[Path, Path]
) -> Found[Pair]:
    """Pair the pictures of two folders by their names.

    Args:
        a: the pictures A by name.
        b: the pictures B by name.
        sides: the two folders, for errors.

    Raises:
        DataError: if there are pictures in both, but no name is.
    """
    found: Found[Pair] = Found()
    first, second = sides
    if a and b and a.keys().isdisjoint(b):
        raise DataError(
            f"no picture in {first} has a partner of the same name in {second}; give the pictures "
            "of a pair one name, or set paired to false if the two folders show different things"
            + (f", or {as_list(pairs)}" if (pairs := likely_pairs(a, b)) else "")
        )
    for name in sorted(a.keys() | b.keys()):
        mine, others = list(a.get(name, ())), list(b.get(name, ()))
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


def _count(pictures: Sequence[Path]) -> str:
    return "1 picture" if len(pictures) == 1 else f"{len(pictures)} pictures"
