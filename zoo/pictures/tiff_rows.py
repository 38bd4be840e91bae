"""Parts of TIFF files of any size: tiles or strips decoded as they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np

from zoo.pictures.header import MOST_BYTES, UnfitError
from zoo.pictures.mapped import MappedRows
from zoo.pictures.orientation import TRANSPOSED, UPSIDE_DOWN, of_tiff
from zoo.pictures.rows import Rows, UprightRows
from zoo.pictures.source import readable
from zoo.pictures.tiff import open_tiff, page_axes, series_of

JPEG = 7


@contextmanager
def open_tiff_pages(path: Path) -> Iterator[list[Rows]]:
    """Open the pages of a file of which `zoo.pictures.tiff` has read the header, upright.

    Raises:
        DataError: if it cannot be read in parts: its pixels lie in pieces that are too large, or in three dimensions.
    """
    with ExitStack() as stack:
        with readable(path):
            tiff = stack.enter_context(open_tiff(path))
            orientation = of_tiff(tiff.pages.first)
            upwards = orientation in UPSIDE_DOWN and orientation not in TRANSPOSED
            pages: list[Rows] = []
            for series in series_of(tiff):
                if series.dataoffset is not None:
                    pages += _mapped(path, series, tiff.byteorder)
                else:
                    pages += [
                        TiffRows(path, tiff.filehandle, planes, upwards)
                        for planes in _pages(series)
                    ]
            if orientation != 1:
                size = _upright_size(series, orientation)
                pages = [UprightRows(rows, orientation, *size) for rows in pages]
        yield pages


@dataclass
class Plane:
    """One page's samples that lie together: all that are side by side in each pixel, or one that lies apart.

    Args:
        page: with the places of its pieces in the file.
        first: number of its first piece.
        decoded: pieces that the rows to be read next need again, by number.
    """

    page: Any
    first: int
    decoded: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def piece(self) -> tuple[int, int]:
        """Height and width of a tile or strip."""
        frame = self.page.keyframe
        if frame.is_tiled:
            return frame.tilelength, frame.tilewidth
        return min(frame.rowsperstrip, frame.imagelength), frame.imagewidth

    @property
    def samples(self) -> int:
        """Channels of a pixel."""
        frame = self.page.keyframe
        return frame.samplesperpixel if frame.planarconfig == 1 else 1


@dataclass(frozen=True)
class TiffRows:
    """A picture of tiles or strips; see `zoo.pictures.rows.Rows`.

    Args:
        path: of the file.
        file: tifffile's handle of it, open.
        planes: what makes up the channels, in order.
        upwards: whether the part above a part is read next, and not the one below it.
    """

    path: Path
    file: Any
    planes: list[Plane]
    upwards: bool = False

    def read(self, top: int, below: int, left: int, right: int) -> np.ndarray:
        """Return a part. Pieces that reach into the next are kept decoded for it."""
        with readable(self.path):
            parts = [self._read(plane, top, below, left, right) for plane in self.planes]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def _read(self, plane: Plane, top: int, below: int, left: int, right: int) -> np.ndarray:
        frame = plane.page.keyframe
        height, width = plane.piece
        across = ceil(frame.imagewidth / width)
        numbers = [
            plane.first + row * across + column
            for row in range(top // height, ceil(below / height))
            for column in range(left // width, ceil(right / width))
        ]
        pieces = self._decoded(plane, numbers)
        part = np.empty((below - top, right - left, plane.samples), frame.dtype)
        for number, piece in pieces.items():
            row, column = divmod(number - plane.first, across)
            y, x = row * height, column * width
            here = (
                slice(max(top, y), min(below, y + height)),
                slice(max(left, x), min(right, x + width)),
            )
            part[
                here[0].start - top : here[0].stop - top, here[1].start - left : here[1].stop - left
            ] = piece[here[0].start - y : here[0].stop - y, here[1].start - x : here[1].stop - x]
        plane.decoded = {
            number: piece
            for number, piece in pieces.items()
            if self._goes_on((number - plane.first) // across * height, height, top, below)
        }
        return part

    def _goes_on(self, y: int, height: int, top: int, below: int) -> bool:
        return y < top if self.upwards else y + height > below

    def _decoded(self, plane: Plane, numbers: list[int]) -> dict[int, np.ndarray]:
        """Return pieces (height, width, samples), those at the picture's end without what lies beyond it."""
        page, frame = plane.page, plane.page.keyframe
        missing = [number for number in numbers if number not in plane.decoded]
        pieces = {number: plane.decoded[number] for number in numbers if number in plane.decoded}
        options = {"jpegtables": page.jpegtables} if frame.compression == JPEG else {}
        places = [page.dataoffsets[number] for number in missing]
        sizes = [page.databytecounts[number] for number in missing]
        for content, number in self.file.read_segments(places, sizes, missing):
            data, _, shape = frame.decode(content, number, **options)
            if data is None:  # a piece that a sparse file leaves out
                data = np.full(shape, frame.nodata, frame.dtype)
            pieces[number] = data.reshape(-1, *data.shape[-3:])[0]
        return pieces


def _upright_size(series: Any, orientation: int) -> tuple[int, int]:
    size = dict(zip(series.axes, series.shape, strict=True))
    return (size["X"], size["Y"]) if orientation in TRANSPOSED else (size["Y"], size["X"])


def _mapped(path: Path, series: Any, byteorder: Any) -> list[MappedRows]:
    """Return the pages of a series whose numbers lie one after the other."""
    dtype = np.dtype(series.dtype).newbyteorder(byteorder)
    apart = page_axes(series)
    left = [axis for axis in series.axes if axis not in apart]
    sizes: list[Iterable[int | slice]] = [
        range(size) if axis in apart else [slice(None)]
        for axis, size in zip(series.axes, series.shape, strict=True)
    ]
    return [
        MappedRows(
            path,
            dtype,
            series.dataoffset,
            series.shape,
            left.index("Y"),
            left.index("X"),
            page=page,
        )
        for page in product(*sizes)
    ]


def _pages(series: Any) -> list[list[Plane]]:
    """Return what makes up the channels of each page of a series."""
    planes = _planes(series)
    apart = page_axes(series)
    # Within a TIFF page lie rows, columns and samples.
    frames = [axis for axis in series.axes if axis not in "YXS"]
    sizes = [series.shape[series.axes.index(axis)] for axis in frames]
    samples = len(planes) // max(1, len(series.pages))
    numbers = np.arange(len(planes)).reshape(*sizes, samples)
    ordered = np.moveaxis(numbers, [frames.index(axis) for axis in apart], range(len(apart)))
    count = prod(series.shape[series.axes.index(axis)] for axis in apart)
    return [[planes[number] for number in page] for page in ordered.reshape(count, -1)]


def _planes(series: Any) -> list[Plane]:
    """Return the planes of a series of pages, in their order in the file.

    Raises:
        UnfitError: if it cannot be read in parts.
    """
    planes = []
    for page in series.pages:
        frame = None if page is None else page.keyframe
        if frame is None or frame.imagedepth != 1 or getattr(frame, "tiledepth", 1) != 1:
            raise UnfitError("its pages are not pictures of one size")
        plane = Plane(page, 0)
        # All pieces across the picture are decoded at a time.
        height, _ = plane.piece
        taken = height * frame.imagewidth * plane.samples * np.dtype(frame.dtype).itemsize
        if taken > MOST_BYTES:
            raise UnfitError(
                f"its pixels lie in pieces of {taken >> 20:,} MB; save it as a tiled TIFF, such as of 256 x 256 pixels"
            )
        if frame.planarconfig == 1:
            planes.append(plane)
        else:
            across, down = ceil(frame.imagewidth / plane.piece[1]), ceil(frame.imagelength / height)
            planes += [Plane(page, index * across * down) for index in range(frame.samplesperpixel)]
    return planes
