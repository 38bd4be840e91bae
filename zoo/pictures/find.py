"""Which files of a folder are pictures."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from zoo.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".dcm", ".npy")
# Suffixes of other files that are named.
NAMED = 5


def find_pictures(folder: Path, *, nested: bool = False) -> list[Path]:
    """Return the picture files in `folder`, sorted by name; hidden files and folders are left out.

    Args:
        folder: where to look.
        nested: look in the folders below as well; links to folders are not followed, so that none leads in circles.

    Raises:
        DataError: if `folder` is not a folder, or cannot be read.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataError(f"the picture folder {folder} {what}")
    try:
        return sorted(path for path in _files(folder, nested) if is_picture(path))
    except OSError as error:
        raise DataError(
            f"the picture folder {error.filename or folder} cannot be read: {error.strerror}"
        ) from None


def is_picture(path: Path) -> bool:
    """Return whether a path has the suffix of a picture, is not hidden, and is no folder.

    What cannot be read, such as a link that leads nowhere, is one too: left out here, nobody would miss it.
    """
    if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
        return False
    try:
        return not path.is_dir()
    except OSError:  # a link that leads back to itself
        return True


def no_pictures(folder: Path) -> str:
    """Say of a folder that it holds no pictures, and how its files end instead, there or in folders below."""
    files = [path for path in _files(folder, nested=True) if not path.name.startswith(".")]
    suffixes = Counter(path.suffix.lower() for path in files if path.is_file())
    if suffixes.keys() & set(SUFFIXES):  # in folders further down, where nobody looks
        suffixes.clear()
    if not suffixes:
        return "holds no pictures"
    count = suffixes.total()
    end = "1 file there ends in" if count == 1 else f"{count:,} files there end in"
    return f"holds no pictures that are read: the {end} {_listed(suffixes)}"


def _listed(suffixes: Counter[str]) -> str:
    named = [suffix or "no suffix" for suffix, _ in suffixes.most_common(NAMED)]
    return ", ".join(named) + (", …" if len(suffixes) > NAMED else "")


def _files(folder: Path, nested: bool) -> list[Path]:
    if not nested:
        return list(folder.iterdir())
    found = []
    for here, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name) for name in files]
    return found


def _refuse(error: OSError) -> None:
    # Otherwise folders that cannot be read would be passed over.
    raise error
