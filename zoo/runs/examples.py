"""Pictures that a run keeps of its dataset, so that it can be tried and proven wherever it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.data.spread import spread

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset

# Enough for a PSNR worth telling, and for a page to choose from.
HELD_OUT = 16
# Enough to find the range of every activation, for exports to 8-bit integers.
TRAINING = 64


def save_examples(folder: Path, dataset: Dataset) -> None:
    """Write a few examples as picture files, in the formats of the dataset and at the size that networks see.

    Holes of masked targets are holes again.

    `held_out/source-0001.png`, `held_out/target-0001.png`, …, and the same of `training`, not augmented. Examples that
    are not pairs have a source and a target that show different things.

    Args:
        folder: made if it is missing.
        dataset: the ones kept are spread evenly over its examples.
    """
    formats = {"source": dataset.formats.source, "target": dataset.formats.target}
    for part, examples, count in (
        ("held_out", dataset.test, HELD_OUT),
        ("training", dataset.train, TRAINING),
    ):
        for number, index in enumerate(spread(range(len(examples)), count), start=1):
            example = examples.example(index, None)
            mask = example.get("target_mask")
            holes = {"source": None, "target": None if mask is None else mask == 0}
            for side, form in formats.items():
                path = folder / part / f"{side}-{number:04d}{form.suffix}"
                form.write(path, form.from_network(example[side], holes[side]))


def list_examples(folder: Path, part: str, side: str) -> list[Path]:
    """Return the files of one side that `save_examples` wrote; none if it wrote none.

    Args:
        folder: as given to it.
        part: `held_out` or `training`.
        side: `source` or `target`.
    """
    return sorted((folder / part).glob(f"{side}-*"))
