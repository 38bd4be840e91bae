"""One picture out of many: labelled columns, one row an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.pictures import RGB

SMALLEST, TALLEST, WIDEST = 192, 384, 768
GAP, HEADER, FONT_SIZE = 8, 32, 18
PAPER, INK = (255, 255, 255), (40, 40, 40)


@dataclass(frozen=True)
class Cell:
    """Where a picture lies in a grid, in pixels, and by what whole factor it is enlarged.

    Args:
        left: of its left edge.
        top: of its upper edge.
        width: as it is drawn.
        height: as it is drawn.
        factor: pixels of the grid for one of the picture; 1 if it was scaled by another.
    """

    left: int
    top: int
    width: int
    height: int
    factor: int = 1


@dataclass(frozen=True)
class Grid:
    """Pictures in labelled columns.

    Args:
        pixels: uint8 (height, width, 3).
        cells: the places of the pictures, by their column's label.
    """

    pixels: np.ndarray
    cells: Mapping[str, Sequence[Cell]]


def draw_grid(columns: Mapping[str, Sequence[np.ndarray]]) -> np.ndarray:
    """Return the pixels of `lay_out`."""
    return lay_out(columns).pixels


def lay_out(columns: Mapping[str, Sequence[np.ndarray]]) -> Grid:
    """Lay pictures out in labelled columns, one row an example, large enough to be seen.

    Pictures may differ in size: all are scaled to one height, small ones by whole factors so that
    every pixel stays a square.

    Args:
        columns: pictures by their column's label, equally many in each: uint8 (height, width, 3), or
            float (height, width, channels) in [-1, 1], shown as `RGB.for_people` says.

    Raises:
        ValueError: if there is no picture, or columns differ in length.
    """
    lengths = {label: len(pictures) for label, pictures in columns.items()}
    if not lengths or set(lengths.values()) == {0} or len(set(lengths.values())) > 1:
        raise ValueError(f"columns must hold equally many pictures, at least one; got {lengths}")
    height = _height([picture for pictures in columns.values() for picture in pictures])
    drawn = {label: [_cell(p, height) for p in pictures] for label, pictures in columns.items()}
    font = ImageFont.load_default(size=FONT_SIZE)
    widths = [
        max([cell.width for cell in column] + [math.ceil(font.getlength(label))])
        for label, column in drawn.items()
    ]
    rows = next(iter(lengths.values()))
    grid = Image.new(
        "RGB",
        (sum(widths) + GAP * (len(widths) + 1), HEADER + rows * (height + GAP)),
        PAPER,
    )
    draw = ImageDraw.Draw(grid)
    cells: dict[str, list[Cell]] = {label: [] for label in drawn}
    left = GAP
    for (label, column), width in zip(drawn.items(), widths, strict=True):
        draw.text((left + width / 2, HEADER / 2), label, fill=INK, font=font, anchor="mm")
        for row, (cell, picture) in enumerate(zip(column, columns[label], strict=True)):
            place = left + (width - cell.width) // 2, HEADER + row * (height + GAP)
            grid.paste(cell, place)
            factor = height // picture.shape[0]
            exact = (picture.shape[0] * factor, picture.shape[1] * factor) == (height, cell.width)
            cells[label].append(Cell(*place, cell.width, height, factor if exact else 1))
        left += width + GAP
    return Grid(np.asarray(grid), cells)


def _height(pictures: Sequence[np.ndarray]) -> int:
    tallest: int = max(picture.shape[0] for picture in pictures)
    widest_aspect = max(picture.shape[1] / picture.shape[0] for picture in pictures)
    wanted = tallest * math.ceil(SMALLEST / tallest)
    return max(1, min(wanted, TALLEST, int(WIDEST / widest_aspect)))


def _cell(picture: np.ndarray, height: int) -> Image.Image:
    cell = Image.fromarray(picture if picture.dtype == np.uint8 else RGB.for_people(picture))
    # Only a picture hundreds of times wider than high is squeezed.
    width = min(WIDEST, max(1, round(cell.width * height / cell.height)))
    whole_factor = height % cell.height == 0
    return cell.resize(
        (width, height), Image.Resampling.NEAREST if whole_factor else Image.Resampling.LANCZOS
    )
