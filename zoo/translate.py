"""Translating pictures of any size and shape with a network of one fixed size."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.given import as_source
from zoo.pictures import RGB, PictureFormat, find_pictures
from zoo.tiling import TiledAxis

# Channels that PIL images of a type may have.
IMAGE_CHANNELS = {"uint8": (1, 3, 4), "uint16": (1,), "int32": (1,), "float32": (1,)}


class Translator:
    """Translates pictures of any size with a network of one size.

    A picture of the network's size goes through as it is. A smaller one is continued by its mirror
    image and the result cut back. A larger one is cut into overlapping tiles whose results fade
    into each other: each is weighted by a Hann window, and the weights at every pixel sum to one.
    Only one band of tiles is held in float32. Of label maps the likeliest class is taken after that.

    Args:
        network: takes source pictures (N, height, width, channels), float32 in [-1, 1], and
            answers translated ones of the same height and width. A Keras model is asked through
            `predict_on_batch`, anything else is called.
        size: height and width of the network.
        overlap: least share of a tile that it has in common with the next one, in [0, 0.9].
        batch_size: tiles in one call.
        channels: source channels; None takes them from the network's `input_shape`, or those of
            `source_format` if it has none.
        source_format: what the values of source files mean to the network. Where it is left at RGB and
            the network has other channels, sources of 8 bits are turned to those.
        target_format: what values in files the network's paintings become. Where it is left at RGB, 8 bits
            in as many channels as the network paints.

    Raises:
        ValueError: if an argument is out of its range, or the network's channels are not those of the format.
    """

    def __init__(
        self,
        network: Callable[[np.ndarray], Any],
        size: tuple[int, int],
        *,
        overlap: float = 0.25,
        batch_size: int = 1,
        channels: int | None = None,
        source_format: PictureFormat = RGB,
        target_format: PictureFormat = RGB,
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
        depth = channels or (shape[-1] if shape else source_format.depth)
        if source_format == RGB and depth != RGB.depth:
            source_format = PictureFormat("grey" if depth == 1 else depth)
        if depth != source_format.depth:
            raise ValueError(
                f"the network expects {depth} channels, but pictures of its source format have "
                f"{source_format.depth}"
            )
        self.source_format = source_format
        self.target_format = target_format

    def __call__(self, picture: np.ndarray | Image.Image) -> np.ndarray | Image.Image:
        """Translate one picture; what comes back is of the same kind, height and width.

        The values of files come back as values of target files: with `RGB`, uint8 as uint8. Grey is repeated
        for a network that takes colours, colours are mixed for one that takes grey, and transparency is laid on
        white. An array (height, width) comes back as such if the result has one channel.

        Args:
            picture: a PIL image; or an array (height, width) or (height, width, channels), of the type
                of the values in source files; or of floats in [-1, 1], which come back as the network
                paints them, float32. Where source files hold floats, floats are always the values of files.

        Raises:
            ZooError: if the picture is empty, or of another type, shape or value range; if the network
                does not keep height and width; or if no PIL image holds the result.
        """
        translated = self._translate(*as_source(picture, self.source_format))
        if isinstance(picture, Image.Image):
            return _as_image(translated)
        flat = np.ndim(picture) == 2 and translated.shape[2] == 1
        return translated[..., 0] if flat else translated

    def translate_files(self, jobs: Iterable[tuple[Path, Path]]) -> Iterator[tuple[Path, Path]]:
        """Translate picture files one by one; yield each job when its result is written.

        Args:
            jobs: pairs of a picture file and the file to write, as `collect` makes them.

        Raises:
            DataError: if a file cannot be read as a picture, or is not of the source format.
            ZooError: if no such file holds what the network paints.
        """
        for source, written in jobs:
            translated = self._translate(self.source_format.read(source), in_files=True)
            self.target_format.write(written, translated)
            yield source, written

    def _translate(self, picture: np.ndarray, in_files: bool) -> np.ndarray:
        """Translate (height, width, channels), of the values of files as they are read, or of those of the network."""
        height, width = picture.shape[:2]
        rows = TiledAxis(height, self.size[0], self.overlap)
        columns = TiledAxis(width, self.size[1], self.overlap)
        frame = picture
        if any(rows.padding + columns.padding):
            frame = np.pad(picture, (rows.padding, columns.padding, (0, 0)), mode="reflect")
        tiles = self._forward(frame, rows.starts, columns.starts, in_files)
        first = next(tiles)
        tiles = itertools.chain([first], tiles)
        finish = self._file_values if in_files else np.asarray
        pixel = finish(first[:1, :1])
        result = np.empty((*frame.shape[:2], pixel.shape[2]), pixel.dtype)
        # The rows below the current tiles; those that no later tile reaches leave it finished.
        band = np.zeros((self.size[0], frame.shape[1], first.shape[2]), np.float32)
        for top, below, down in zip(
            rows.starts, [*rows.starts[1:], rows.length], rows.weights, strict=True
        ):
            for left, across in zip(columns.starts, columns.weights, strict=True):
                weights = down[:, None, None] * across[:, None]
                band[:, left : left + self.size[1]] += next(tiles) * weights
            finished = band[: below - top]
            result[top:below] = finish(finished)
            band = np.concatenate([band[below - top :], np.zeros_like(finished)])
        top, left = rows.padding[0], columns.padding[0]
        return np.ascontiguousarray(result[top : top + height, left : left + width])

    def _forward(
        self, frame: np.ndarray, tops: list[int], lefts: list[int], in_files: bool
    ) -> Iterator[np.ndarray]:
        """Yield the translated tiles, row by row, computed `batch_size` at a time."""
        places = [(top, left) for top in tops for left in lefts]
        height, width = self.size
        ask = getattr(self.network, "predict_on_batch", self.network)
        for first in range(0, len(places), self.batch_size):
            tiles = [
                frame[top : top + height, left : left + width]
                for top, left in places[first : first + self.batch_size]
            ]
            if in_files:
                tiles = [self.source_format.to_network(tile) for tile in tiles]
            answer = np.asarray(ask(np.stack(tiles)), np.float32)
            if answer.ndim != 4 or answer.shape[:3] != (len(tiles), height, width):
                raise ZooError(
                    f"the network answered pictures of the shape {answer.shape} to "
                    f"{(len(tiles), *tiles[0].shape)}; expected the same number, height and width"
                )
            yield from answer

    def _file_values(self, painted: np.ndarray) -> np.ndarray:
        if self.target_format != RGB and painted.shape[2] != self.target_format.depth:
            raise ZooError(
                f"the network paints {painted.shape[2]} channels, but pictures of its target format "
                f"have {self.target_format.depth}"
            )
        return self.target_format.from_network(painted)


def collect(
    paths: Iterable[Path],
    out: Path,
    *,
    source_format: PictureFormat = RGB,
    target_format: PictureFormat = RGB,
) -> list[tuple[Path, Path]]:
    """Say which file is written for which picture: of the same name, with the target's suffix, in one folder.

    Every picture is read once to see that it can be, so that nothing is written if one cannot.
    Files that are in the folder from an earlier time will be replaced.

    Args:
        paths: picture files, and folders of which the pictures directly inside are taken.
        out: the folder for the translated pictures.
        source_format: of the pictures.
        target_format: of the translated pictures.

    Returns:
        Pairs of a picture file and the file to write, for `Translator.translate_files`.

    Raises:
        DataError: if a path does not exist, a folder holds no picture, or files are no pictures or not of the format.
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
    jobs = [(file, out / f"{file.stem}{target_format.suffix}") for file in sources.values()]
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
    _check_readable(sources.values(), source_format)
    return jobs


def _pictures(folder: Path, out: Path) -> list[Path]:
    if folder.resolve() == out.resolve():
        raise ZooError(f"{out} holds the source pictures; name another folder for the results")
    found = find_pictures(folder)
    if not found:
        raise DataError(f"the folder {folder} holds no pictures")
    return found


def _check_readable(files: Iterable[Path], form: PictureFormat) -> None:
    problems = []
    for file in files:
        try:
            form.read(file)
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))


def _as_image(translated: np.ndarray) -> Image.Image:
    channels, dtype = translated.shape[2], str(translated.dtype)
    if channels not in IMAGE_CHANNELS.get(dtype, ()):
        raise ZooError(
            f"no PIL image holds what the network paints, {channels} channels of {dtype}; "
            "translate a NumPy array instead"
        )
    return Image.fromarray(translated[..., 0] if channels == 1 else translated)
