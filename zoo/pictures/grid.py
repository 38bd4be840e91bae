"""One picture out of many: labelled columns, one row an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.pictures import RGB

SMALLEST, TALLEST, WIDEST = 192, 384, 768
GAP, HEADER, FONT_SIZE = 8, 32, 18
PAPER, INK = (255, 255, 255), (40, 40, 40)


def draw_grid(columns: Mapping[str, Sequence[np.ndarray]]) -> np.ndarray:
    """Lay pictures out in labelled columns, one row an example, large enough to be seen.

    Pictures may differ in size: all are scaled to one height, small ones by whole factors so that
    every pixel stays a square.

    Args:
        columns: pictures by their column's label, equally many in each: uint8 (height, width, 3), or
            float (height, width, channels) in [-1, 1], shown as `RGB.for_people` says.

    Returns:
        The grid, uint8 (height, width, 3).

    Raises:
        ValueError: if there is no picture, or columns differ in length.
    """
    lengths = {label: len(pictures) for label, pictures in columns.items()}
    if not lengths or set(lengths.values()) == {0} or len(set(lengths.values())) > 1:
        raise ValueError(f"columns must hold equally many pictures, at least one; got {lengths}")
    height = _height([picture for pictures in columns.values() for picture in pictures])
    cells = {label: [_cell(p, height) for p in pictures] for label, pictures in columns.items()}
    font = ImageFont.load_default(size=FONT_SIZE)
    widths = [
        max([cell.width for cell in column] + [math.ceil(font.getlength(label))])
        for label, column in cells.items()
    ]
    rows = next(iter(lengths.values()))
    grid = Image.new(
        "RGB",
        (sum(widths) + GAP * (len(widths) + 1), HEADER + rows * (height + GAP)),
        PAPER,
    )
    draw = ImageDraw.Draw(grid)
    left = GAP
    for (label, column), width in zip(cells.items(), widths, strict=True):
        draw.text((left + width / 2, HEADER / 2), label, fill=INK, font=font, anchor="mm")
        for row, cell in enumerate(column):
            grid.paste(cell, (left + (width - cell.width) // 2, HEADER + row * (height + GAP)))
        left += width + GAP
    return np.asarray(grid)


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
