"""Looking at every picture of a folder before training, so that none stops it in the middle."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Lock

from zoo.data.layout import Pair, Single
from zoo.data.preparation import Preparation
from zoo.errors import DataError
from zoo.pictures import PictureFormat, read_header
from zoo.pictures.formats import read_as

NAMED = 10
# Bytes of a picture from which on they are decoded one after the other.
LARGE = 2**26
# For each file of an item the formats that it has to be of; two for a file with source and target side by side.
PictureFormats = tuple[tuple[PictureFormat, ...], ...]


def unusable(
    jobs: Iterable[tuple[Pair | Single, PictureFormats]],
    preparation: Preparation,
    *,
    verify: bool,
) -> dict[Path, str]:
    """Return the files that cannot be used, each with the reason.

    Args:
        jobs: what to look at, and for each of its files the formats that it has to be of.
        preparation: what the pictures are to become.
        verify: decode each picture whole; otherwise only its header is read.
    """
    look = _Look(preparation, verify)
    # Threads help: pictures are decoded without Python's global lock.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        problems = pool.map(lambda job: look.problems(*job), jobs)
        return {path: reason for found in problems for path, reason in found.items()}


REPAIR = "Repair or remove what is named here"


def refuse(
    root: Path,
    reasons: Mapping[Path, str],
    advice: str = f"{REPAIR}, or set on_error to skip to leave it out.",
) -> DataError:
    """Say which files cannot be used: the first few by name, then how many more; and what to do."""
    lines = describe(root, reasons)
    shown = [f"  {line}" for line in lines[:NAMED]]
    if len(lines) > NAMED:
        shown.append(f"  and {len(lines) - NAMED} more")
    count = "1 picture" if len(lines) == 1 else f"{len(lines)} pictures"
    return DataError(f"{count} in {root} cannot be used:\n" + "\n".join(shown) + f"\n{advice}")


def describe(root: Path, reasons: Mapping[Path, str]) -> list[str]:
    """Return one line a file, sorted: its place below `root`, and the reason."""
    return [_printable(f"{_place(root, path)}: {reasons[path]}") for path in sorted(reasons)]


def _place(root: Path, path: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _printable(line: str) -> str:
    """Escape what names may hold: line breaks, and bytes that no terminal takes."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in line
    )


class _Look:
    """Looks at one item; several threads may at once."""

    def __init__(self, preparation: Preparation, verify: bool) -> None:
        self.preparation = preparation
        self.verify = verify
        self._large = Lock()

    def problems(self, item: Pair | Single, formats: PictureFormats) -> dict[Path, str]:
        """Return those files of an item that cannot be used, each with the reason."""
        sizes: dict[Path, tuple[int, int]] = {}
        problems: dict[Path, str] = {}
        for path, wanted in zip(item.files, formats, strict=True):
            try:
                sizes[path] = self._size(path, wanted)
            except DataError as error:
                problems[path] = str(error).removeprefix(f"{path} ")
        if problems:
            reason = f"its partner {next(iter(problems)).name} cannot be used"
            return {path: problems.get(path, reason) for path in item.files}
        height, width = sizes[item.files[0]]
        if isinstance(item, Pair):
            if unlike := misfit(item, sizes):
                return unlike
            width = width if item.b else width // 2
        reason = self.preparation.misfit(height, width)
        return dict.fromkeys(item.files, reason) if reason else {}

    def _size(self, path: Path, formats: Sequence[PictureFormat]) -> tuple[int, int]:
        header = read_header(path)
        for form in formats:
            try:
                form.check(
                    header.channels, header.dtype, indexed=header.indexed, pages=header.pages
                )
            except ValueError as error:
                raise DataError(f"{path} {error}") from None
            if header.nodata is not None and form.hole is None and not form.classes:
                raise DataError(
                    f"{path} marks holes by {header.nodata:g} (tag 42113), which others do not; set nodata to "
                    "that value"
                )
        if self.verify:
            # One large picture takes memory enough; a thread each would fill it.
            with self._large if header.bytes > LARGE else nullcontext():
                read_as(path, *formats)
        return header.height, header.width


def misfit(pair: Pair, sizes: Mapping[Path, tuple[int, int]]) -> dict[Path, str]:
    """Say why the pictures of a pair do not fit together; empty if they do.

    Args:
        pair: one file or two.
        sizes: height and width of each, in their order.
    """
    (height, width), *others = sizes.values()
    if others and others[0] != (height, width):
        one, other = (f"{across} x {down}" for down, across in sizes.values())
        return {pair.a: f"is {one} pixels, but its partner {pair.b} is {other}"}
    if pair.b is None and width % 2:
        pixels = "1 pixel" if width == 1 else f"{width} pixels"
        return {pair.a: f"is {pixels} wide, which cannot be halved into two pictures side by side"}
    return {}
