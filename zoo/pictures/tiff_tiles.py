"""Writing tiled TIFF files from rows as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import tifffile

from zoo.pictures.tiff_tags import Tag, layout
from zoo.pictures.write import whole_or_not

TILE = 256
# Where an ordinary TIFF file, whose places are numbers of 32 bits, might become too small.
MOST_ORDINARY = 2**32 - 2**26
# Bytes of tiles that are compressed at a time.
AT_A_TIME = 2**25


def write_tiled(
    path: Path, bands: Iterable[np.ndarray], height: int, width: int, tags: Sequence[Tag] = ()
) -> None:
    """Write a tiled, compressed TIFF file, or BigTIFF if it may have more than 4 GB.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Args:
        path: ends in `.tif` or `.tiff`.
        bands: rows from the first to the last, any number at a time, (rows, width, channels).
        height: of the picture.
        width: of the picture.
        tags: to write beside the pixels.
    """
    bands = iter(bands)
    first = next(bands)
    channels, dtype = first.shape[2], first.dtype
    size = height * width * channels * dtype.itemsize
    with (
        whole_or_not(path) as partial,
        tifffile.TiffWriter(partial, bigtiff=size > MOST_ORDINARY) as tiff,
    ):
        tiff.write(
            tiles(chain([first], bands), height, width),
            shape=(height, width) if channels == 1 else (height, width, channels),
            dtype=dtype,
            tile=(TILE, TILE),
            compression="zlib",
            predictor=dtype.kind in "ui" and dtype.itemsize <= 4,
            extratags=tags,
            buffersize=AT_A_TIME,
            **layout(channels, dtype),
        )


def tiles(bands: Iterator[np.ndarray], height: int, width: int) -> Iterator[np.ndarray]:
    """Yield tiles row by row; those at the right and at the end are filled up with zeros."""
    for rows in _evenly(bands):
        beyond = -width % TILE
        padded = np.pad(rows, ((0, TILE - len(rows)), (0, beyond), (0, 0)))
        for left in range(0, width, TILE):
            tile = np.ascontiguousarray(padded[:, left : left + TILE])
            yield tile[..., 0] if tile.shape[2] == 1 else tile


def _evenly(bands: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the same rows, as many at a time as a tile has."""
    kept: list[np.ndarray] = []
    count = 0
    for band in bands:
        kept.append(band)
        count += len(band)
        while count >= TILE:
            rows = np.concatenate(kept)
            yield rows[:TILE]
            kept, count = [rows[TILE:]], count - TILE
    if count:
        yield np.concatenate(kept)
