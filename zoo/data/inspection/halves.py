"""Whether pictures hold two pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.inspection.survey import Survey
from zoo.data.inspection.threads import in_threads
from zoo.data.spread import spread
from zoo.errors import DataError
from zoo.pictures import read_array

LOOKED_AT = 32
# Share of the pictures that must agree.
MOST = 0.95
# How much more than their neighbours the two columns in the middle must differ, to be a seam.
SEEN, CLEAR = 2.0, 3.0
# Columns on both sides of the middle that it is compared with.
NEAR = 8


@dataclass(frozen=True)
class Halves:
    """Whether pictures hold two each.

    Args:
        likely: whether they seem to.
        seam: whether one runs down their middle without doubt.
        reason: what speaks for it.
    """

    likely: bool
    seam: bool = False
    reason: str = ""


def side_by_side(files: Sequence[Path], survey: Survey) -> Halves:
    """Guess whether files hold two pictures each: they are twice as wide as high, or have a seam in their middle.

    Args:
        files: to look at, of which some are decoded.
        survey: with their headers.
    """
    headers = survey.of(files)
    if not headers or _share([header.width % 2 == 0 for header in headers]) < MOST:
        return Halves(False)
    chosen = spread([file for file in files if file in survey.headers], LOOKED_AT)
    seams = [seam for seam in in_threads(_seam, chosen, "seams") if seam is not None]
    seen = float(np.median(seams)) if seams else 1.0
    seam = seen >= CLEAR
    if _share([header.width == 2 * header.height for header in headers]) >= MOST:
        if seen >= SEEN:
            why = "they are twice as wide as high, and a seam runs down their middle"
        else:
            why = (
                "they are twice as wide as high, though no seam is seen in their middle; "
                "if each is one picture, they are no pairs"
            )
        return Halves(True, seam, why)
    return Halves(True, True, "a seam runs down their middle") if seam else Halves(False)


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers)


def _seam(file: Path) -> float | None:
    """Return how much more the two columns in the middle differ than columns near them do."""
    try:
        picture = read_array(file)
    except DataError:
        return None
    middle = picture.shape[1] // 2
    if middle < NEAR:
        return None
    columns = picture[:, middle - NEAR : middle + NEAR].mean(axis=-1, dtype=np.float32)
    steps = np.abs(np.diff(columns, axis=1)).mean(axis=0)
    at_middle = steps[NEAR - 1]
    # The columns beside the middle carry what a lossy file smears over it.
    others = np.median(np.delete(steps, [NEAR - 2, NEAR - 1, NEAR]))
    if others == 0:
        return CLEAR if at_middle > 0 else 1.0
    return float(at_middle / others)
