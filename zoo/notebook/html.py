"""Pieces of HTML for notebooks: they load nothing and take their colours from the page around them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from PIL import Image

QUALITY = 88
CELL = "padding: 2px 10px 2px 0; text-align: {}; vertical-align: top"


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return a table whose first line is its head; cells are numbers or words, escaped here.

    Args:
        lines: of equally many cells.
    """
    if len(lines) < 2:
        return "<em>no rows</em>"
    head, *rows = ("".join(_cell(tag, cell) for cell in line) for tag, line in _tagged(lines))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values, escaped here."""
    left = CELL.format("left")
    rows = (
        f'<tr><th style="{left}">{escape(name)}</th><td style="{left}">{escape(value)}</td></tr>'
        for name, value in pairs
    )
    return f"<table>{''.join(rows)}</table>"


def heading(title: str, beside: str = "") -> str:
    """Return a title, with a few words beside it."""
    words = f' <span style="opacity: .7">{escape(beside)}</span>' if beside else ""
    return f'<div style="margin-bottom: 4px"><strong>{escape(title)}</strong>{words}</div>'


def picture(path: Path, alt: str) -> str:
    """Return a picture file as an image that the page holds, packed to about a tenth of a PNG's size.

    Args:
        path: of the file.
        alt: what it shows.
    """
    packed = io.BytesIO()
    with Image.open(path) as opened:
        opened.convert("RGB").save(packed, "JPEG", quality=QUALITY, subsampling=0)
    data = base64.b64encode(packed.getvalue()).decode()
    return f'<img alt="{escape(alt)}" style="max-width: 100%" src="data:image/jpeg;base64,{data}">'


def _tagged(lines: Sequence[Sequence[str]]) -> Iterable[tuple[str, Sequence[str]]]:
    return (("th" if place == 0 else "td", line) for place, line in enumerate(lines))


def _cell(tag: str, text: str) -> str:
    return f'<{tag} style="{CELL.format("right")}">{escape(text)}</{tag}>'
