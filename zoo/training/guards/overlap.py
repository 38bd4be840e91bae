"""Whether held-out pictures are trained on too."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from zoo.data.dataset import Dataset
from zoo.data.inspection.duplicates import same_content
from zoo.data.spread import spread

# More files are not compared by their contents, nor more held-out examples by their pixels.
MOST_FILES, MOST_HELD_OUT = 20_000, 512
# How long pictures are decoded to be compared by their pixels.
SECONDS = 2.0


@dataclass(frozen=True)
class Overlap:
    """Held-out examples that are trained on too.

    Args:
        count: how many were found.
        held_out: how many were looked for.
        learned: among how many training examples.
        example: of one of them, what it is and what it is the same as.
    """

    count: int
    held_out: int
    learned: int
    example: str

    @property
    def message(self) -> str:
        """One sentence: what was seen, and what to try."""
        return (
            f"{self.count} of {self.held_out} held-out pictures {'is' if self.count == 1 else 'are'} also among "
            f"{self.learned} that are trained on ({self.example}), so that held-out figures look better than they are: "
            "take them out of one of the two; 'zoo data inspect FOLDER' lists all copies"
        )


def find_overlap(dataset: Dataset, *, seconds: float = SECONDS) -> Overlap | None:
    """Return what of the held-out pictures is trained on too; None if nothing was found.

    Where pictures are files, all of them are compared by their contents. Then as many as can be decoded in a while are
    compared by their pixels at the size that networks see. Pairs are the same if both of their pictures are; pictures
    of a single value, as empty masks are, never.

    Args:
        dataset: its examples are taken plain, not augmented.
        seconds: how long to decode; what large sets hold beyond that is not seen.
    """
    return _by_contents(dataset) or _by_pixels(dataset, time.monotonic() + seconds)


def _by_contents(dataset: Dataset) -> Overlap | None:
    learned, held_out = dataset.files
    files = sorted({file for items in dataset.files for item in items for file in item})
    if not held_out or len(files) > MOST_FILES:
        return None
    groups = {file: group[0] for group in same_content(files) for file in group}

    def key(item: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(groups.get(file, file) for file in item)

    known = {key(item): item for item in learned}
    same = [(item, known[key(item)]) for item in held_out if key(item) in known]
    if not same:
        return None
    first, other = same[0]
    told = f"{first[0]} is the same file" if first == other else f"{first[0]} is {other[0]}"
    return Overlap(len(same), len(held_out), len(learned), told)


def _by_pixels(dataset: Dataset, deadline: float) -> Overlap | None:
    pairs = dataset.paired and dataset.test_paired
    known: dict[bytes, int] = {}
    asked = 0
    start = time.monotonic()
    for index in spread(range(len(dataset.test)), MOST_HELD_OUT):
        known |= dict.fromkeys(_keys(dataset.test.example(index, None), pairs), index)
        asked += 1
        if time.monotonic() > start + (deadline - start) / 2:
            break
    found: dict[int, int] = {}
    looked_at = 0
    # In an order that is spread over all of them, however far it gets.
    for index in np.random.default_rng(0).permutation(len(dataset.train)).tolist():
        for key in _keys(dataset.train.example(index, None), pairs):
            if key in known:
                found.setdefault(known[key], index)
        looked_at += 1
        if time.monotonic() > deadline:
            break
    if not found:
        return None
    held_out, learned = min(found.items())
    told = f"held-out example {held_out} is training example {learned}, both counted from 0"
    return Overlap(len(found), asked, looked_at, told)


def _keys(example: Mapping[str, np.ndarray], pairs: bool) -> Iterator[bytes]:
    """Yield what is the same for the same pictures: of pairs one key, of others one for each side."""
    sides = {name: example[name] for name in ("source", "target")}
    if pairs:
        if any(np.ptp(picture) for picture in sides.values()):
            digest = blake2b(digest_size=16)
            for picture in sides.values():
                digest.update(np.ascontiguousarray(picture).data)
            yield digest.digest()
        return
    for name, picture in sides.items():
        if np.ptp(picture):
            digest = blake2b(name.encode(), digest_size=16)
            digest.update(np.ascontiguousarray(picture).data)
            yield digest.digest()
