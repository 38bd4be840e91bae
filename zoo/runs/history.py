"""Reading the history of a run."""

from __future__ import annotations

import csv
from pathlib import Path

FIXED = ("epoch", "step", "seconds")
"""The columns that every history begins with; what was logged follows."""


def read_history(path: Path) -> list[dict[str, str]]:
    """Return the rows of a history file, each a dict of column and text; "" where empty."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
