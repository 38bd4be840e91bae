"""What a dataset is: random access to training and held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from zoo.pictures import Formats

Shape = tuple[int, int, int]
Files = Sequence[tuple[Path, ...]]


class Examples(Protocol):
    """Examples by index.

    Plugins import it as `zoo.Examples`.
    Nothing in it is random by itself, so that order and augmentation can be repeated exactly. A method `name(index)`,
    where there is one, says what an example is called, such as the name of its file.
    """

    def __len__(self) -> int:
        """Number of examples in one pass."""
        ...

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example.

        Args:
            index: 0 to `len(self) - 1`.
            random: the only source of chance for augmentation; None gives the plain example, the
                same every time.

        Returns:
            `"source"` and `"target"`, float32 in [-1, 1] of shape (height, width, channels). Where the target's format
            is masked, also `"target_mask"`, float32 (height, width, 1), 0 in holes of the target and 1 elsewhere.
        """
        ...


@dataclass(frozen=True)
class Dataset:
    """Training and held-out examples with what a model must know of them.

    Plugins import it as `zoo.Dataset`. Before training, the first examples of both parts are compared with what is
    declared here.

    Args:
        train: examples to learn from.
        test: held-out examples; no pixel of them is in `train`.
        source_shape: (height, width, channels) of every source.
        target_shape: (height, width, channels) of every target.
        summary: one line for people: what, how many, from where.
        skipped: files that were left out on request, each with the reason.
        paired: whether source and target of a training example show the same thing.
        test_paired: the same of a held-out example; without it no metric compares pictures.
        formats: how sources and targets are stored in files, and which values become -1 and 1; translated pictures are
            written as targets are.
        licence: under which terms the pictures may be used, for the model card; empty where that is not known.
        files: of every training item and of every held-out one the files that it is read from, one or two; empty where
            pictures are no files.
    """

    train: Examples
    test: Examples
    source_shape: Shape
    target_shape: Shape
    summary: str
    skipped: tuple[str, ...] = ()
    paired: bool = True
    test_paired: bool = True
    formats: Formats = field(default_factory=Formats)
    licence: str = ""
    files: tuple[Files, Files] = ((), ())

    def __repr__(self) -> str:
        return f"<Dataset {self.summary}>"
