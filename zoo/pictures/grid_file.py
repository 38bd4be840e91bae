"""Grids as PNG files that say where their pictures lie, so that each can be shown by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from zoo.pictures.grid import Cell, lay_out
from zoo.pictures.write import whole_or_not

# The key of the PNG's text.
PLACES = "zoo-grid"


def write_grid(path: Path, columns: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Write a grid as a PNG file, whole or not at all, with the places of its pictures as text in it.

    Args:
        path: ends in `.png`.
        columns: as `lay_out` takes them.

    Raises:
        ValueError: as of `lay_out`.
    """
    grid = lay_out(columns)
    text = PngImagePlugin.PngInfo()
    places = [[label, [astuple(cell) for cell in cells]] for label, cells in grid.cells.items()]
    text.add_text(PLACES, json.dumps(places))
    with whole_or_not(path) as partial:
        Image.fromarray(grid.pixels).save(partial, "PNG", pnginfo=text)


def read_grid(path: Path) -> tuple[np.ndarray, dict[str, list[np.ndarray]]]:
    """Read a grid, and the pictures in it.

    Args:
        path: a PNG file.

    Returns:
        The grid, uint8 (height, width, 3), and its pictures by their column's label, uint8 at their own sizes, or
        scaled as they were drawn; none if the file does not say where they lie.
    """
    with Image.open(path) as file:
        places = json.loads(getattr(file, "text", {}).get(PLACES, "[]"))
        pixels = np.asarray(file.convert("RGB"))
    return pixels, {
        label: [_cut(pixels, Cell(*numbers)) for numbers in cells] for label, cells in places
    }


def _cut(pixels: np.ndarray, cell: Cell) -> np.ndarray:
    right, bottom = cell.left + cell.width, cell.top + cell.height
    return pixels[cell.top : bottom : cell.factor, cell.left : right : cell.factor]
