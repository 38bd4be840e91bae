"""TIFF files: any number of channels and pages, tiles, 8 to 64 bits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import prod
from pathlib import Path
from threading import get_ident
from typing import Any, BinaryIO

import numpy as np
import tifffile
from PIL import UnidentifiedImageError

from zoo.errors import DataError
from zoo.pictures.header import MOST_BYTES, Header, UnfitError, check_size
from zoo.pictures.holes import GDAL_NODATA, nodata_of
from zoo.pictures.images import MODES, open_image
from zoo.pictures.orientation import TRANSPOSED, of_tiff
from zoo.pictures.source import Source

STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Photometric interpretations whose samples are what they seem to be.
PLAIN = (tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB)
# How tifffile calls series of which each may be one page, of a stack written page by page.
PAGE_BY_PAGE = ("shaped", "generic", "uniform")
# Rows, columns, samples and channels.
PICTURE_AXES = "YXSC"
ALPHA = (tifffile.EXTRASAMPLE.ASSOCALPHA, tifffile.EXTRASAMPLE.UNASSALPHA)


@contextmanager
def open_tiff(file: BinaryIO | Path) -> Iterator[tifffile.TiffFile]:
    """Open a TIFF file; what tifffile finds wrong is told in one sentence, and not by its log on the way."""
    logger, thread = logging.getLogger("tifffile"), get_ident()

    def is_of_others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(is_of_others)
    try:
        if not isinstance(file, Path):
            file.seek(0)
        with tifffile.TiffFile(file) as tiff:
            yield tiff
    finally:
        logger.removeFilter(is_of_others)


def for_pillow(file: BinaryIO, source: Source) -> bool:
    """Return whether a TIFF file is one for Pillow: compressed, or of colours, as tifffile cannot read by itself.

    Args:
        file: open.
        source: where it is, for errors.

    Raises:
        DataError: if neither can read it.
    """
    with open_tiff(file) as tiff:
        page, pages = tiff.pages.first, len(tiff.pages)
        compression = page.compression
        if compression in tifffile.TIFF.DECOMPRESSORS and page.photometric in PLAIN:
            return False
    if pages == 1:
        with suppress(UnidentifiedImageError), open_image(file) as picture:
            if picture.mode in MODES or picture.mode in ("P", "PA", "CMYK", "YCbCr"):
                return True
    if not isinstance(compression, tifffile.COMPRESSION):
        raise DataError(
            f"{source} is a TIFF file of an unknown compression, {compression}; save it without"
        )
    raise DataError(
        f"{source} is a TIFF file of {pages} page{'s' if pages > 1 else ''} compressed by {compression.name}, "
        "which needs the package imagecodecs: pip install 'pix2pix-zoo[tiff]'"
    )


def tiff_header(file: BinaryIO, most: int = MOST_BYTES) -> Header:
    """Return the header of an open TIFF file; `read_tiff` says what its channels are.

    Args:
        file: open.
        most: bytes that the picture may take.

    Raises:
        UnfitError: if it is no picture, or too large.
    """
    with open_tiff(file) as tiff:
        alike = series_of(tiff)
        series = alike[0]
        size = dict(zip(series.axes, series.shape, strict=True))
        if not {"Y", "X"} <= size.keys():
            raise UnfitError(f"its axes are {series.axes}; expected rows (Y) and columns (X)")
        height, width = size["Y"], size["X"]
        pages = len(alike) * prod(size[axis] for axis in page_axes(series))
        channels = len(alike) * int(np.prod(series.shape)) // max(1, height * width)
        first = tiff.pages.first
        extra, orientation = first.extrasamples, of_tiff(first)
        dtype = str(np.dtype(series.dtype).newbyteorder("="))
        nodata = first.tags.get(GDAL_NODATA)
        if orientation in TRANSPOSED:
            height, width = width, height
        return check_size(
            Header(
                height,
                width,
                channels,
                dtype,
                "TIFF",
                transparent=channels in (2, 4) and bool(extra) and extra[-1] in ALPHA,
                orientation=orientation,
                pages=pages,
                nodata=nodata_of(nodata.value, dtype) if nodata else None,
            ),
            most,
        )


def series_of(tiff: tifffile.TiffFile) -> list[Any]:
    """Return the series of pages that are read: the first, and those that were written like it.

    Others, such as a thumbnail, are passed over.
    """
    first, *others = tiff.series
    if first.kind not in PAGE_BY_PAGE:
        return [first]
    kind = (first.kind, first.shape, first.axes, first.dtype)
    return [first, *(one for one in others if (one.kind, one.shape, one.axes, one.dtype) == kind)]


def page_axes(series: Any) -> str:
    """Return the axes of a series along which its pages lie: all but rows, columns, samples and channels."""
    return "".join(axis for axis in series.axes if axis not in PICTURE_AXES)


def read_tiff(file: BinaryIO) -> np.ndarray:
    """Read an open TIFF file as (height, width, channels) of its own type, as it is stored, not turned upright.

    The pages of a file with several are its channels, one page after the other. Of several series, such as a picture
    and its thumbnail, the first is read, and of a pyramid the largest level.
    """
    with open_tiff(file) as tiff:
        parts = [_in_order(series) for series in series_of(tiff)]
    return np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1))


def _in_order(series: Any) -> np.ndarray:
    """Return (height, width, channels): for each page its planes and samples."""
    pages = page_axes(series)
    channels = [axis for axis in series.axes if axis not in pages and axis not in "YX"]
    order = [series.axes.index(axis) for axis in ("Y", "X", *pages, *channels)]
    array: np.ndarray = series.asarray().transpose(order)
    return array.reshape(*array.shape[:2], -1)
