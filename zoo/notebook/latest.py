"""The latest picture of a series, shown in place of the one before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Latest:
    """Shows every sample grid of a training where the last one stood."""

    def __init__(self) -> None:
        self._shown: Any = None

    def __call__(self, epoch: int, columns: Any, path: Path) -> None:
        """Show a grid.

        Args:
            epoch: epochs trained.
            columns: not used.
            path: of the grid, a PNG file.
        """
        # Only a notebook has it.
        from IPython.display import Image, display

        del columns
        picture = Image(filename=str(path), alt=f"samples after epoch {epoch}")
        if self._shown is None:
            self._shown = display(picture, display_id=True)
        else:
            self._shown.update(picture)
