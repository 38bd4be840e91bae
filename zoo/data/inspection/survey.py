"""What every file says of itself: headers, and files that have none."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo.data.inspection.threads import in_threads
from zoo.errors import DataError
from zoo.pictures import Header, read_header


@dataclass
class Survey:
    """The headers of many files.

    Args:
        headers: by file.
        unreadable: the other files, each with the reason.
    """

    headers: dict[Path, Header] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)

    def of(self, files: Iterable[Path]) -> list[Header]:
        """Return the headers of those files that have one."""
        return [self.headers[file] for file in files if file in self.headers]


def survey(files: Sequence[Path]) -> Survey:
    """Read the header of every file, in threads."""
    found = Survey()
    alike: dict[Header, Header] = {}
    for file, answer in zip(files, in_threads(_header, files, "headers"), strict=True):
        if isinstance(answer, Header):
            # Of 100,000 files most have the same header; one object stands for all of them.
            found.headers[file] = alike.setdefault(answer, answer)
        else:
            found.unreadable[file] = answer
    return found


def same_but_for_case(files: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Return the files of one folder whose names differ only in capitals, or in how accents are encoded.

    On Windows and macOS they would overwrite each other.
    """
    alike: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for file in files:
        alike[file.parent, unicodedata.normalize("NFC", file.name).casefold()].append(file)
    return [tuple(group) for group in alike.values() if len(group) > 1]


def _header(file: Path) -> Header | str:
    try:
        return read_header(file)
    except DataError as error:
        return str(error).removeprefix(f"{file} ")
