"""A contact sheet: what a network will see of a dataset, augmentation included."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.data.dataset import Dataset
from zoo.data.inspection.draws import Draws, Example
from zoo.data.spread import spread
from zoo.pictures.grid import FONT_SIZE, GAP, HEADER, INK, PAPER, draw_grid

# Augmented draws of each example, one an epoch.
DRAWS = 3
# Between two pairs, so that it is seen what belongs together.
BETWEEN = 24


def contact_sheet(dataset: Dataset, *, seed: int = 0, count: int = 4, epoch: int = 0) -> np.ndarray:
    """Draw a few examples of a dataset, source beside target.

    Each training example is shown as it is and as three epochs bring it; each held-out one as it is always.

    Args:
        dataset: what is drawn.
        seed: `training.seed` of the recipe, which decides the augmentation.
        count: of training examples and of held-out ones, at least 1; fewer where there are fewer.
        epoch: the first of the three epochs, from 0.

    Returns:
        uint8 (height, width, 3).
    """
    draws = Draws(dataset.train, seed)
    chosen = spread(range(len(dataset.train)), count)
    train = {"as it is": [dataset.train.example(index, None) for index in chosen]}
    for number in range(epoch, epoch + DRAWS):
        train[f"epoch {number + 1}"] = [draws.draw(index, number) for index in chosen]
    held_out = [dataset.test.example(i, None) for i in spread(range(len(dataset.test)), count)]
    columns = min(len(train), len(held_out))
    return _stacked(
        [
            (
                f"To train on: {len(chosen)} of {len(dataset.train):,}, as they are and as "
                f"epochs {epoch + 1} to {epoch + DRAWS} bring them{_drawn(dataset)}",
                [_pairs(dataset, examples, what) for what, examples in train.items()],
            ),
            (
                f"Held out: {len(held_out)} of {len(dataset.test):,}, never augmented",
                [_pairs(dataset, held_out[first::columns]) for first in range(columns)],
            ),
        ]
    )


def _drawn(dataset: Dataset) -> str:
    return "" if dataset.paired else "; every epoch gives each source another target"


def _pairs(dataset: Dataset, examples: Sequence[Example], what: str = "") -> np.ndarray:
    """Draw sources and targets in two columns."""
    sides = {"source": dataset.formats.source, "target": dataset.formats.target}
    return draw_grid(
        {
            f"{side}, {what}" if what else side: [
                form.for_people(example[side]) for example in examples
            ]
            for side, form in sides.items()
        }
    )


def _stacked(parts: Sequence[tuple[str, Sequence[np.ndarray]]]) -> np.ndarray:
    """Lay rows of drawings under each other, each below its heading."""
    font = ImageFont.load_default(size=FONT_SIZE)
    width = max(
        sum(drawing.shape[1] for drawing in row) + BETWEEN * (len(row) - 1) for _, row in parts
    )
    letters = max(20, int(width / font.getlength("n")))
    headings = [textwrap.wrap(heading, letters) for heading, _ in parts]
    heights = [max(drawing.shape[0] for drawing in row) for _, row in parts]
    lines = sum(len(heading) for heading in headings)
    sheet = Image.new("RGB", (width, lines * HEADER + sum(heights) + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    top = GAP
    for heading, height, (_, row) in zip(headings, heights, parts, strict=True):
        for line in heading:
            draw.text((GAP, top + HEADER / 2), line, fill=INK, font=font, anchor="lm")
            top += HEADER
        left = 0
        for drawing in row:
            sheet.paste(Image.fromarray(drawing), (left, top))
            left += drawing.shape[1] + BETWEEN
        top += height
    return np.asarray(sheet)
