"""Writing TIFF files of several pages of one size, from rows as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import tifffile

from zoo.pictures.tiff_tags import Tag, layout
from zoo.pictures.tiff_tiles import AT_A_TIME, MOST_ORDINARY, TILE, tiles
from zoo.pictures.write import whole_or_not


def write_stack(
    path: Path,
    pages: Iterable[Iterable[np.ndarray]],
    count: int,
    height: int,
    width: int,
    tags: Sequence[Tag] = (),
) -> None:
    """Write a compressed TIFF file of pages that come one after the other.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Args:
        path: ends in `.tif` or `.tiff`.
        pages: of each the rows from the first to the last, any number at a time, (rows, width, channels).
        count: of the pages.
        height: of a page.
        width: of a page.
        tags: to write beside the pixels of the first.
    """
    pages = iter(pages)
    bands = iter(next(pages))
    first = next(bands)
    channels, dtype = first.shape[2], first.dtype
    size = count * height * width * channels * dtype.itemsize
    large = max(height, width) > TILE
    with (
        whole_or_not(path) as partial,
        tifffile.TiffWriter(partial, bigtiff=size > MOST_ORDINARY) as tiff,
    ):
        for number, rows in enumerate(chain([chain([first], bands)], pages)):
            tiff.write(
                tiles(iter(rows), height, width) if large else _page(rows),
                shape=(height, width) if channels == 1 else (height, width, channels),
                dtype=dtype,
                tile=(TILE, TILE) if large else None,
                compression="zlib",
                predictor=dtype.kind in "ui" and dtype.itemsize <= 4,
                extratags=() if number else tags,
                buffersize=AT_A_TIME,
                # tifffile's own notes on shapes would make each page a series.
                metadata=None,
                **layout(channels, dtype),
            )


def write_planes(
    path: Path,
    bands: Iterator[np.ndarray],
    pages: int,
    height: int,
    width: int,
    tags: Sequence[Tag] = (),
) -> None:
    """Write a TIFF file whose pages are the channels of one picture, of which some rows come at a time.

    It is not compressed, as rows of all pages come at once. It appears whole or not at all.

    Args:
        path: ends in `.tif` or `.tiff`.
        bands: rows from the first to the last, any number at a time, (rows, width, channels).
        pages: that the channels are shared out to, in order.
        height: of the picture.
        width: of the picture.
        tags: to write beside the pixels of the first page.
    """
    first = next(bands)
    samples, dtype = first.shape[2] // pages, first.dtype
    shape = (pages, height, width) if samples == 1 else (pages, height, width, samples)
    large = pages * height * width * samples * dtype.itemsize > MOST_ORDINARY
    options = layout(samples, dtype)
    with whole_or_not(path) as partial:
        mapped = tifffile.memmap(
            partial, shape=shape, dtype=dtype, bigtiff=large, extratags=tags, **options
        )
        top = 0
        for band in chain([first], bands):
            rows = band.reshape(*band.shape[:2], pages, samples).transpose(2, 0, 1, 3)
            mapped[:, top : top + len(band)] = rows if samples > 1 else rows[..., 0]
            top += len(band)
        mapped.flush()


def _page(rows: Iterable[np.ndarray]) -> np.ndarray:
    page = np.concatenate(list(rows))
    return page[..., 0] if page.shape[2] == 1 else page
