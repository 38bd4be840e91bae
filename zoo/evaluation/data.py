"""What a model is evaluated on: pairs, with what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from zoo.data.dataset import Dataset, Examples
from zoo.data.naming import name_of
from zoo.data.spread import spread
from zoo.errors import ZooError
from zoo.pictures import Formats, PictureFormat


@dataclass(frozen=True)
class EvaluationData:
    """Pictures to evaluate a model on.

    Args:
        examples: with `"source"`, `"target"` and perhaps `"target_mask"`, as the network sees them.
        formats: of sources and targets in files.
        paired: whether the target of an example is what its source should become.
        summary: a sentence that says what they are.
        training: examples that the model learned from, of whose targets the mean colour is a baseline; None if they
            are not known.
        label: what an evaluation on them is filed under; empty for the model's own held-out pictures.
    """

    examples: Examples
    formats: Formats
    paired: bool
    summary: str
    training: Examples | None = None
    label: str = ""

    def reversed(self) -> EvaluationData:
        """Return the same of the opposite direction."""
        training = None if self.training is None else Reversed(self.training)
        return replace(
            self,
            examples=Reversed(self.examples),
            formats=self.formats.reversed,
            training=training,
            summary=f"{self.summary}; from target to source",
        )

    def limited(self, most: int | None) -> EvaluationData:
        """Return at most so many of the examples, spread evenly over them; None takes all."""
        count = len(self.examples)
        if most is None or most >= count:
            return self
        chosen = spread(range(count), most)
        summary = f"{self.summary}; {most} of {count}, spread evenly"
        return replace(self, examples=Chosen(self.examples, chosen), summary=summary)

    def check(self, size: tuple[int, int], formats: Formats) -> None:
        """See that the examples are what a model takes and paints.

        Args:
            size: height and width of its pictures.
            formats: of its files.

        Raises:
            ZooError: if they are not; says what was expected.
        """
        if not len(self.examples):
            raise ZooError(f"there is no picture to evaluate on in {self.summary}")
        example = self.examples.example(0, None)
        for side in ("source", "target"):
            wanted = (*size, formats.of(side).depth)
            if example[side].shape != wanted:
                told, expected = (
                    " x ".join(map(str, shape)) for shape in (example[side].shape, wanted)
                )
                raise ZooError(
                    f"the {side}s of {self.summary} are {told} (height x width x channels), but the model was trained "
                    f"on {expected}; give a dataset of that size and format"
                )


class Chosen:
    """Some of the examples of others.

    Args:
        examples: all.
        chosen: indices of those that are taken.
    """

    def __init__(self, examples: Examples, chosen: Sequence[int]) -> None:
        self.examples = examples
        self.chosen = chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        return self.examples.example(self.chosen[index], random)

    def name(self, index: int) -> str:
        """Return the name of an example."""
        return name_of(self.examples, self.chosen[index])


class Reversed:
    """Examples whose targets are the sources, and the other way round; without masks, which are of targets.

    Args:
        examples: those of the other direction.
    """

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        example = self.examples.example(index, random)
        return {"source": example["target"], "target": example["source"]}

    def name(self, index: int) -> str:
        """Return the name of an example."""
        return name_of(self.examples, index)


class Joined:
    """The examples of one collection, and then those of another.

    Args:
        first: come first.
        second: come after them.
    """

    def __init__(self, first: Examples, second: Examples) -> None:
        self.first = first
        self.second = second

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        examples, place = self._of(index)
        return examples.example(place, random)

    def name(self, index: int) -> str:
        """Return the name of an example."""
        return name_of(*self._of(index))

    def _of(self, index: int) -> tuple[Examples, int]:
        count = len(self.first)
        return (self.first, index) if index < count else (self.second, index - count)


class KeptExamples:
    """Pairs of files that `zoo.runs.examples` wrote, of the size that the network sees.

    Args:
        sources: files.
        targets: files, in the same order.
        formats: of both.
    """

    def __init__(self, sources: Sequence[Path], targets: Sequence[Path], formats: Formats) -> None:
        self.files = list(zip(sources, targets, strict=True))
        self.formats = formats

    def __len__(self) -> int:
        return len(self.files)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        del random
        source, target = self.files[index]
        stored = self.formats.target.read(target)
        example = {
            "source": self.formats.source.to_network(self.formats.source.read(source)),
            "target": self.formats.target.to_network(stored),
        }
        if self.formats.target.masked:
            example["target_mask"] = _mask(self.formats.target, stored)
        return example

    def name(self, index: int) -> str:
        """Return the number of an example."""
        return self.files[index][0].stem.removeprefix("source-")


def _mask(form: PictureFormat, stored: np.ndarray) -> np.ndarray:
    holes = form.holes(stored)
    if holes is None:
        return np.ones((*stored.shape[:2], 1), np.float32)
    return np.atleast_3d(~holes.any(axis=-1)).astype(np.float32)


def held_out(dataset: Dataset, *, label: str = "") -> EvaluationData:
    """Return the held-out pictures of a dataset.

    Args:
        dataset: opened.
        label: what evaluations on them are filed under.
    """
    return EvaluationData(
        dataset.test,
        dataset.formats,
        dataset.test_paired,
        f"held-out pictures of {dataset.summary}",
        dataset.train,
        label,
    )
