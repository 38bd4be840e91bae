"""Looking at every picture of a folder before training, so that none stops it in the middle."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from zoo.data.layout import Pair, Single
from zoo.errors import DataError
from zoo.pictures import read_picture

NAMED = 10
# Values of the EXIF orientation that turn a picture by 90 degrees.
TURNED = range(5, 9)


def unusable(items: Iterable[Pair | Single], *, verify: bool) -> dict[Path, str]:
    """Return the files that cannot be used, each with the reason.

    Args:
        items: what to look at.
        verify: decode each picture whole; otherwise only its header is read.
    """
    items = list(items)
    # Threads help: Pillow decodes without Python's global lock.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        problems = pool.map(lambda item: _problems(item, verify), items)
        return {path: reason for found in problems for path, reason in found.items()}


def refuse(root: Path, reasons: Mapping[Path, str]) -> DataError:
    """Say which files cannot be used: the first few by name, then how many more."""
    lines = describe(root, reasons)
    shown = [f"  {line}" for line in lines[:NAMED]]
    if len(lines) > NAMED:
        shown.append(f"  and {len(lines) - NAMED} more")
    count = "1 picture" if len(lines) == 1 else f"{len(lines)} pictures"
    return DataError(
        f"{count} in {root} cannot be used:\n"
        + "\n".join(shown)
        + "\nRepair or remove what is named here, or set on_error to skip to leave it out."
    )


def describe(root: Path, reasons: Mapping[Path, str]) -> list[str]:
    """Return one line a file, sorted: its place below `root`, and the reason."""
    return [f"{path.relative_to(root)}: {reasons[path]}" for path in sorted(reasons)]


def _problems(item: Pair | Single, verify: bool) -> dict[Path, str]:
    sizes: dict[Path, tuple[int, int]] = {}
    problems: dict[Path, str] = {}
    for path in item.files:
        try:
            sizes[path] = read_picture(path).shape[:2] if verify else _size(path)
        except DataError as error:
            problems[path] = str(error).removeprefix(f"{path} ")
    if problems:
        reason = f"its partner {next(iter(problems)).name} cannot be used"
        return {path: problems.get(path, reason) for path in item.files}
    return _misfit(item, sizes) if isinstance(item, Pair) else {}


def _misfit(pair: Pair, sizes: Mapping[Path, tuple[int, int]]) -> dict[Path, str]:
    (height, width), *others = sizes.values()
    if others and others[0] != (height, width):
        one, other = (f"{across} x {down}" for down, across in sizes.values())
        return {pair.a: f"is {one} pixels, but its partner {pair.b} is {other}"}
    if pair.b is None and width % 2:
        return {
            pair.a: f"is {width} pixels wide, which cannot be halved into two pictures side by side"
        }
    return {}


def _size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(0x0112) in TURNED
            deep = picture.mode.startswith(("I", "F"))
    except UnidentifiedImageError:
        raise DataError("is not a picture that can be read") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"cannot be read as a picture: {error}") from error
    if deep:
        raise DataError("has more than 8 bits a channel; expected 8-bit pictures: convert it first")
    return (width, height) if turned else (height, width)
