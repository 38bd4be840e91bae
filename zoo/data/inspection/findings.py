"""What an inspection found, as plain data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from zoo.data.inspection.duplicates import Duplicates
from zoo.data.inspection.proposal import Proposal
from zoo.data.inspection.statistics import Statistics
from zoo.data.inspection.stored import mode_of, values_in_words
from zoo.pictures import Header

Kind = Literal["side by side", "two folders", "two piles", "one pile", "manifest", "one picture"]
Use = Literal["to train on", "held out", "not used"]
# Sizes that are told of one side.
MOST_SIZES = 20


@dataclass(frozen=True)
class Layout:
    """How the pictures lie.

    Args:
        kind: in words.
        sides: names of the two sides; empty for one pile.
        paired: whether two pictures belong together.
        nested: whether there are folders within those of a part and a side.
        guess: what speaks for it, where it is a guess.
    """

    kind: Kind
    sides: tuple[str, ...] = ()
    paired: bool = True
    nested: bool = False
    guess: str = ""


@dataclass(frozen=True)
class Part:
    """What a part of the data holds.

    Args:
        name: such as `"train"`; None for what belongs to no part.
        counts: of pairs, or of the pictures of each side.
        use: what the proposed recipe does with it.
    """

    name: str | None
    counts: dict[str, int]
    use: Use


@dataclass(frozen=True)
class Size:
    """How many pictures are how large, in pixels."""

    width: int
    height: int
    count: int


@dataclass(frozen=True)
class Pictures:
    """The files of one side.

    Args:
        side: name of the side; of files that hold both, `"both"`.
        count: of files whose header can be read.
        sizes: the most frequent ones first.
        least: the size of the fewest pixels.
        largest: the size of the most.
        kinds: such as `{"JPEG": 400}`.
        modes: such as `{"grey": 400}`.
        values: such as `{"8 bits": 400}`.
    """

    side: str
    count: int
    sizes: tuple[Size, ...]
    least: Size
    largest: Size
    kinds: dict[str, int]
    modes: dict[str, int]
    values: dict[str, int]

    @classmethod
    def of(cls, side: str, headers: Sequence[Header]) -> Pictures:
        """Count the headers of one side, at least one."""
        sizes = Counter((header.width, header.height) for header in headers)
        ordered = [Size(*size, count) for size, count in sizes.most_common()]
        by_area = sorted(ordered, key=lambda size: (size.width * size.height, size.width))
        return cls(
            side=side,
            count=len(headers),
            sizes=tuple(ordered[:MOST_SIZES]),
            least=by_area[0],
            largest=by_area[-1],
            kinds=_counted(header.kind for header in headers),
            modes=_counted(mode_of(header) for header in headers),
            values=_counted(values_in_words(header.dtype) for header in headers),
        )


@dataclass(frozen=True)
class Inspection:
    """What a path holds.

    Args:
        path: as it was given.
        root: the folder that the files' names below start from.
        layout: how the pictures lie.
        parts: train, test and so on.
        pictures: by side.
        decoded: how many pictures were decoded, for statistics and to see whether they can be.
        statistics: by side, channels and type.
        alone: files without a partner, with the reason.
        unreadable: files that cannot be read, with the reason.
        misfits: files that do not fit their partner or the rest, with the reason.
        duplicates: by bytes, and by pixels of those that were decoded.
        same_but_for_case: names that differ in capitals alone.
        notes: what else is to be said, a sentence each.
        proposal: the dataset section that fits; None if none does.
    """

    path: str
    root: Path
    layout: Layout
    parts: tuple[Part, ...] = ()
    pictures: tuple[Pictures, ...] = ()
    decoded: int = 0
    statistics: tuple[Statistics, ...] = ()
    alone: dict[Path, str] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    misfits: dict[Path, str] = field(default_factory=dict)
    duplicates: tuple[Duplicates, ...] = ()
    same_but_for_case: tuple[tuple[Path, ...], ...] = ()
    notes: tuple[str, ...] = ()
    proposal: Proposal | None = None

    @property
    def total(self) -> int:
        """Files that were looked at and have a header."""
        return sum(pictures.count for pictures in self.pictures)

    def name(self, path: Path) -> str:
        """Return a file's name below the root."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain data; files by their names below the root."""
        return {
            **{key: self._plain(value) for key, value in asdict(self).items()},
            "root": str(self.root),
            "recipe": self.proposal.to_yaml() if self.proposal else None,
        }

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Path):
            return self.name(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None  # JSON has no other word for it.
        if isinstance(value, dict):
            return {self._plain(key): self._plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(item) for item in value]
        return value


def _counted(words: Any) -> dict[str, int]:
    return dict(Counter(words).most_common())
