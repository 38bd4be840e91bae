"""Rows of Markdown tables."""

from __future__ import annotations


def row(*cells: str | None) -> str:
    """Return a row of a table: in one line, whatever the cells hold."""
    shown = (" ".join((cell or "").split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |".replace("|  |", "| |")
