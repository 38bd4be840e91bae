"""What pages share, whoever serves them."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


def shared_assets() -> Path:
    """Return the folder of what pages share: `comparison.js` and `comparison.css`, two pictures with a line between.

    The script exports `comparison(frame)`; the style follows the page's variables `--accent`, `--line`, `--radius` and
    `--soft`.
    """
    return ASSETS / "shared"
