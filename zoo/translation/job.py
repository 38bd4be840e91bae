"""One file to translate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Job = tuple[Path, Path]
"""A picture or video file, and the file to write."""

Progress = Callable[[Path, int, int], None]
"""Told of a source how many of its bands of tiles, or frames, are done, and how many it has."""
