"""Which pictures of two folders are likely pairs although their names differ, and the list that says so."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

Key = Callable[[str], object]

LIST_NAME = "pairs.csv"
# Lines of a list that are shown.
SHOWN = 10
# Share of the smaller side's pictures that must find a partner.
LEAST = 0.5


def likely_pairs(
    a: Mapping[str, Sequence[Path]], b: Mapping[str, Sequence[Path]]
) -> list[tuple[Path, Path]]:
    """Return pairs of pictures whose names hold the same numbers, or differ only in what all names of a side have.

    Args:
        a: the pictures A by name.
        b: the pictures B by name.

    Returns:
        The files of A and B, sorted; nothing if fewer than half of the pictures would be in a pair.
    """
    for mine, others in ((_numbers, _numbers), (_apart(a), _apart(b))):
        first, second = _by_key(a, mine), _by_key(b, others)
        pairs = sorted((path, second[key]) for key, path in first.items() if key in second)
        if len(pairs) >= max(1, LEAST * min(len(a), len(b))):
            return pairs
    return []


def as_list(pairs: Sequence[tuple[Path, Path]]) -> str:
    """Say which list of pairs, in which file, would make them pairs; shows its first lines.

    Args:
        pairs: files of A and B, at least one.
    """
    root = Path(os.path.commonpath([path.parent for pair in pairs for path in pair]))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["source", "target"])
    for pair in pairs[:SHOWN]:
        writer.writerow([path.relative_to(root).as_posix() for path in pair])
    text = "".join(f"\n  {line}" for line in lines.getvalue().splitlines())
    more = len(pairs) - SHOWN
    rest = f"\n  and {more:,} more lines like these" if more > 0 else ""
    return f"list the pairs in {root / LIST_NAME}, and name that file as path:{text}{rest}"


def _numbers(name: str) -> object:
    return tuple(int(digits) for digits in re.findall(r"\d+", name)) or None


def _apart(named: Mapping[str, Sequence[Path]]) -> Key:
    """Return what tells a picture apart from the others of its side."""
    first = _alike(named)
    last = _alike([name[first:][::-1] for name in named])
    return lambda name: name[first : len(name) - last] or None


def _alike(names: Collection[str]) -> int:
    """Return how many characters all names begin with alike."""
    # Those that come first and last in the order of the alphabet differ most.
    least, most = min(names), max(names)
    pairs = enumerate(zip(least, most, strict=False))
    return next((place for place, (one, other) in pairs if one != other), len(least))


def _by_key(named: Mapping[str, Sequence[Path]], key: Key) -> dict[object, Path]:
    """Return the pictures by a key; those that share it with another, or have none, are left out."""
    found: dict[object, list[Path]] = {}
    for name, paths in named.items():
        found.setdefault(key(name), []).extend(paths)
    return {
        known: paths[0] for known, paths in found.items() if known is not None and len(paths) == 1
    }
