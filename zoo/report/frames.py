"""The sample pictures of a run through time, as a page shows them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from zoo.pictures.grid_file import read_grid
from zoo.report.data_uri import as_jpeg, as_png

# At most so many; each of `earth` takes 30 KB.
MOST = 24


@dataclass(frozen=True)
class _Frame:
    """Pictures of one epoch: by column, the digest of each; a grid that does not say where they lie is one of them."""

    columns: dict[str, list[str]]
    pixels: dict[str, np.ndarray]


@dataclass
class Frames:
    """Reads sample grids, and keeps what it has read and encoded: a page that is written anew each epoch costs little.

    Pictures that are the same in several frames, as sources and targets are, are held once.
    """

    _read: dict[tuple[Path, int], _Frame] = field(default_factory=dict)
    _pngs: dict[str, str] = field(default_factory=dict)
    _jpegs: dict[str, str] = field(default_factory=dict)

    def contents(self, folder: Path) -> dict[str, Any] | None:
        """Return the frames of a run as plain data; None if there are none.

        All pictures are JPEG but those of the last frame, and what does not differ from them.

        Args:
            folder: with `epoch-0000.png`, ….

        Returns:
            `columns`, the labels, none where a grid is shown as a whole; `frames`, with `epoch` and `pictures`, a row
            an example, a number for each column; `pictures`, the data URIs that they number.
        """
        chosen = chosen_frames(_samples(folder))
        if not chosen:
            return None
        keys = [(epoch, (path, path.stat().st_mtime_ns)) for epoch, path in chosen]
        self._read = {key: self._read.get(key) or _frame(key[0]) for _, key in keys}
        frames = [(epoch, self._read[key]) for epoch, key in keys]
        last = frames[-1][1]
        # A resumed run may show other columns than before; those of its last frame are shown.
        frames = [item for item in frames if list(item[1].columns) == list(last.columns)]
        pngs = {
            digest: self._pngs.get(digest) or as_png(pixels)
            for digest, pixels in last.pixels.items()
        }
        jpegs = {
            digest: self._jpegs.get(digest) or as_jpeg(pixels)
            for _, frame in frames
            for digest, pixels in frame.pixels.items()
            if digest not in pngs
        }
        self._pngs, self._jpegs = pngs, jpegs
        pictures = pngs | jpegs
        numbers = {digest: number for number, digest in enumerate(pictures)}
        return {
            "columns": [label for label in last.columns if label],
            "frames": [
                {
                    "epoch": epoch,
                    "pictures": [
                        [numbers[digest] for digest in row]
                        for row in zip(*frame.columns.values(), strict=True)
                    ],
                }
                for epoch, frame in frames
            ],
            "pictures": list(pictures.values()),
        }


def chosen_frames(samples: Sequence[tuple[int, Path]]) -> list[tuple[int, Path]]:
    """Return some of the samples, evenly spread, with the first and the last.

    Those between are every second, fourth, eighth, …, so that most stay the same while a training goes on.

    Args:
        samples: epoch and file, in order.
    """
    step = 1
    while (len(samples) - 1) // step + 2 > MOST:
        step *= 2
    return [*samples[:-1:step], *samples[-1:]]


def _samples(folder: Path) -> list[tuple[int, Path]]:
    found = []
    for path in folder.glob("epoch-*.png"):
        matched = re.fullmatch(r"epoch-(\d+)", path.stem)
        if matched:
            found.append((int(matched[1]), path))
    return sorted(found)


def _frame(path: Path) -> _Frame:
    grid, columns = read_grid(path)
    columns = columns or {"": [grid]}
    digests: dict[str, list[str]] = {}
    pixels: dict[str, np.ndarray] = {}
    for label, pictures in columns.items():
        digests[label] = []
        for picture in pictures:
            held = np.ascontiguousarray(picture)
            digest = hashlib.sha256(repr(held.shape).encode() + held.tobytes()).hexdigest()
            digests[label].append(digest)
            pixels[digest] = held
    return _Frame(digests, pixels)
