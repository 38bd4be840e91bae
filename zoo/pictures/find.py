"""Which files of a folder are pictures."""

from __future__ import annotations

import os
from pathlib import Path

from zoo.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".npy")


def find_pictures(folder: Path, *, nested: bool = False) -> list[Path]:
    """Return the picture files in `folder`, sorted by name; hidden files and folders are left out.

    Args:
        folder: where to look.
        nested: look in the folders below as well; links to folders are not followed, so that none leads in circles.

    Raises:
        DataError: if `folder` is not a folder.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataError(f"the picture folder {folder} {what}")
    return sorted(path for path in _files(folder, nested) if is_picture(path))


def is_picture(path: Path) -> bool:
    """Return whether a path is an existing file with the suffix of a picture, and not hidden."""
    try:
        return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    except OSError:  # a link that leads back to itself
        return False


def _files(folder: Path, nested: bool) -> list[Path]:
    if not nested:
        return list(folder.iterdir())
    found = []
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name) for name in files]
    return found
