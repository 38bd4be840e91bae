"""Translating pictures of any size and shape with a network of one fixed size."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.given import as_array, with_channels
from zoo.pictures import find_pictures, read_picture, to_uint8, write_picture
from zoo.tiling import TiledAxis


class Translator:
    """Translates pictures of any size with a network of one size.

    A picture of the network's size goes through as it is. A smaller one is continued by its mirror
    image and the result cut back. A larger one is cut into overlapping tiles whose results fade
    into each other: each is weighted by a Hann window, and the weights at every pixel sum to one.
    Only one band of tiles is held in float32.

    Args:
        network: takes source pictures (N, height, width, channels), float32 in [-1, 1], and
            answers translated ones of the same height and width. A Keras model is asked through
            `predict_on_batch`, anything else is called.
        size: height and width of the network.
        overlap: least share of a tile that it has in common with the next one, in [0, 0.9].
        batch_size: tiles in one call.
        channels: source channels; None takes them from the network's `input_shape`, or 3 if it
            has none.

    Raises:
        ValueError: if an argument is out of its range.
    """

    def __init__(
        self,
        network: Callable[[np.ndarray], Any],
        size: tuple[int, int],
        *,
        overlap: float = 0.25,
        batch_size: int = 1,
        channels: int | None = None,
    ) -> None:
        if min(size) < 1 or batch_size < 1 or not 0 <= overlap <= 0.9:
            raise ValueError(
                "size and batch_size must be 1 or more and overlap within [0, 0.9]; "
                f"got size={size}, batch_size={batch_size}, overlap={overlap}"
            )
        self.network = network
        self.size = (int(size[0]), int(size[1]))
        self.overlap = overlap
        self.batch_size = batch_size
        shape = getattr(network, "input_shape", None)
        self.channels = channels or (shape[-1] if shape else 3)

    def __call__(self, picture: np.ndarray | Image.Image) -> np.ndarray | Image.Image:
        """Translate one picture; what comes back is of the same kind, height and width.

        Grey is repeated for a network that takes colours, colours are mixed for one that takes
        grey, and transparency is laid on white. The channels that come back are the network's; an
        array (height, width) comes back as such if the network paints in grey.

        Args:
            picture: a PIL image; or an array (height, width) or (height, width, channels), uint8,
                or float in [-1, 1], which comes back as float32.

        Raises:
            ZooError: if the picture is empty, or of another type, shape or value range; or if the
                network does not keep height and width.
        """
        translated = self._translate(as_array(picture))
        if isinstance(picture, Image.Image):
            return Image.fromarray(_for_files(translated))
        flat = np.ndim(picture) == 2 and translated.shape[2] == 1
        return translated[..., 0] if flat else translated

    def translate_files(self, jobs: Iterable[tuple[Path, Path]]) -> Iterator[tuple[Path, Path]]:
        """Translate picture files one by one; yield each job when its result is written.

        Args:
            jobs: pairs of a picture file and the file to write, as `collect` makes them.

        Raises:
            DataError: if a file cannot be read as a picture.
        """
        for source, written in jobs:
            write_picture(written, _for_files(self._translate(read_picture(source))))
            yield source, written

    def _translate(self, picture: np.ndarray) -> np.ndarray:
        """Translate (height, width, channels), uint8 or float in [-1, 1]."""
        height, width = picture.shape[:2]
        rows = TiledAxis(height, self.size[0], self.overlap)
        columns = TiledAxis(width, self.size[1], self.overlap)
        frame = picture
        if any(rows.padding + columns.padding):
            frame = np.pad(picture, (rows.padding, columns.padding, (0, 0)), mode="reflect")
        tiles = self._forward(frame, rows.starts, columns.starts)
        first = next(tiles)
        tiles = itertools.chain([first], tiles)
        whole = picture.dtype == np.uint8
        result = np.empty((*frame.shape[:2], first.shape[2]), np.uint8 if whole else np.float32)
        # The rows below the current tiles; those that no later tile reaches leave it finished.
        band = np.zeros((self.size[0], *result.shape[1:]), np.float32)
        for top, below, down in zip(
            rows.starts, [*rows.starts[1:], rows.length], rows.weights, strict=True
        ):
            for left, across in zip(columns.starts, columns.weights, strict=True):
                weights = down[:, None, None] * across[:, None]
                band[:, left : left + self.size[1]] += next(tiles) * weights
            finished = band[: below - top]
            result[top:below] = to_uint8(finished) if whole else finished
            band = np.concatenate([band[below - top :], np.zeros_like(finished)])
        top, left = rows.padding[0], columns.padding[0]
        return np.ascontiguousarray(result[top : top + height, left : left + width])

    def _forward(
        self, frame: np.ndarray, tops: list[int], lefts: list[int]
    ) -> Iterator[np.ndarray]:
        """Yield the translated tiles, row by row, computed `batch_size` at a time."""
        places = [(top, left) for top in tops for left in lefts]
        height, width = self.size
        ask = getattr(self.network, "predict_on_batch", self.network)
        for first in range(0, len(places), self.batch_size):
            tiles = [
                with_channels(frame[top : top + height, left : left + width], self.channels)
                for top, left in places[first : first + self.batch_size]
            ]
            answer = np.asarray(ask(np.stack(tiles)), np.float32)
            if answer.ndim != 4 or answer.shape[:3] != (len(tiles), height, width):
                raise ZooError(
                    f"the network answered pictures of the shape {answer.shape} to "
                    f"{(len(tiles), *tiles[0].shape)}; expected the same number, height and width"
                )
            yield from answer


def collect(paths: Iterable[Path], out: Path) -> list[tuple[Path, Path]]:
    """Say which file is written for which picture: PNG files of the same names in one folder.

    Every picture is read once to see that it can be, so that nothing is written if one cannot.
    Files that are in the folder from an earlier time will be replaced.

    Args:
        paths: picture files, and folders of which the pictures directly inside are taken.
        out: the folder for the translated pictures.

    Returns:
        Pairs of a picture file and the file to write, for `Translator.translate_files`.

    Raises:
        DataError: if a path does not exist, a folder holds no picture, or files are no pictures.
        ZooError: if two pictures would be written to one file, or one over a source picture.
    """
    if out.exists() and not out.is_dir():
        raise ZooError(f"{out} is a file; the translated pictures need a folder")
    sources: dict[Path, Path] = {}
    for path in paths:
        found = _pictures(path, out) if path.is_dir() else [path]
        sources.update({file.resolve(): file for file in found})
    if not sources:
        raise DataError("there are no pictures to translate")
    jobs = [(file, out / f"{file.stem}.png") for file in sources.values()]
    # Names that differ in case alone are one file on Windows and macOS.
    taken: dict[str, Path] = {}
    for file, written in jobs:
        other = taken.setdefault(written.name.casefold(), file)
        if other != file:
            raise ZooError(
                f"{other} and {file} would both be written to {written}; "
                "rename one, or translate them into different folders"
            )
        if written.resolve() in sources:
            raise ZooError(
                f"{written} is a source picture and would be replaced; name another folder"
            )
    _check_readable(sources.values())
    return jobs


def _pictures(folder: Path, out: Path) -> list[Path]:
    if folder.resolve() == out.resolve():
        raise ZooError(f"{out} holds the source pictures; name another folder for the results")
    found = find_pictures(folder)
    if not found:
        raise DataError(f"the folder {folder} holds no pictures")
    return found


def _check_readable(files: Iterable[Path]) -> None:
    problems = []
    for file in files:
        try:
            read_picture(file)
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))


def _for_files(translated: np.ndarray) -> np.ndarray:
    """Return uint8 (height, width, channels) in a shape that Pillow takes."""
    channels = translated.shape[2]
    if channels not in (1, 3, 4):
        raise ZooError(
            f"the network paints {channels} channels, which no picture file holds; "
            "translate a NumPy array instead"
        )
    return translated[..., 0] if channels == 1 else translated
