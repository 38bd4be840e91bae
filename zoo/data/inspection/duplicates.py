"""Files with the same content, and pictures with the same pixels."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.data.inspection.threads import in_threads

# Bytes of the end of a file that tell most files of one length apart.
END = 2**14

Alike = tuple[Path, ...]
By = Literal["bytes", "pixels"]


@dataclass(frozen=True)
class Duplicates:
    """Groups of pictures that are the same.

    Args:
        by: whether bytes are the same, or only decoded pixels.
        between_parts: in more than one part: what is held out is then trained on.
        between_sides: on both sides of one part.
        within: on one side of one part.
    """

    by: By
    between_parts: tuple[Alike, ...] = ()
    between_sides: tuple[Alike, ...] = ()
    within: tuple[Alike, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self.between_parts or self.between_sides or self.within)


def same_content(files: Sequence[Path]) -> list[Alike]:
    """Return groups of files with the same bytes.

    Files are compared by length, then by their last bytes, then by the SHA-256 of all: mostly only copies are read
    to their end.
    """
    groups = [list(dict.fromkeys(files))]
    for work, what in ((_length, "lengths"), (_end, "ends"), (_digest, "copies")):
        groups = _parted(groups, work, what)
    return [tuple(group) for group in groups]


def same_pixels(digests: Mapping[Path, bytes], known: Iterable[Alike]) -> list[Alike]:
    """Return groups of files with the same pixels but different bytes.

    Args:
        digests: of the pixels, by file.
        known: groups of files with the same bytes; each counts as one file here.
    """
    copies = {path for group in known for path in group[1:]}
    groups: dict[bytes, list[Path]] = defaultdict(list)
    for path, digest in digests.items():
        if path not in copies:
            groups[digest].append(path)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def classified(
    by: By, groups: Sequence[Alike], files: Sequence[tuple[str, str | None, Path]]
) -> Duplicates:
    """Tell copies between parts from copies within one.

    Args:
        by: what is the same.
        groups: the copies.
        files: side, part and path of every file.
    """
    places: dict[Path, set[tuple[str | None, str]]] = {}
    for side, part, path in files:
        places.setdefault(path, set()).add((part, side))
    between_parts, between_sides, within = [], [], []
    for group in groups:
        where = set().union(*(places[path] for path in group))
        if len({part for part, _ in where}) > 1:
            between_parts.append(group)
        elif len(where) > 1:
            between_sides.append(group)
        else:
            within.append(group)
    return Duplicates(by, tuple(between_parts), tuple(between_sides), tuple(within))


def _parted(
    groups: Sequence[list[Path]], work: Callable[[Path], Hashable], what: str
) -> list[list[Path]]:
    """Part groups by what a function says of their files; what is alone is left out."""
    files = [path for group in groups for path in group]
    answers = in_threads(work, files, what)
    found: list[list[Path]] = []
    for group in groups:
        parted: dict[Hashable, list[Path]] = defaultdict(list)
        for path in group:
            parted[next(answers)].append(path)
        found += [alike for alike in parted.values() if len(alike) > 1]
    return found


def _length(path: Path) -> Hashable:
    try:
        return path.stat().st_size or path
    except OSError:
        return path  # unlike any other; that it cannot be read is told elsewhere


def _end(path: Path) -> Hashable:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - END))
            return hashlib.sha256(file.read()).digest()
    except OSError:
        return path


def _digest(path: Path) -> Hashable:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return path
