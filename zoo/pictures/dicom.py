"""DICOM files, by the package pydicom: values in their units, frames as pages."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

from zoo.errors import DataError
from zoo.pictures.header import Header, UnfitError, check_size
from zoo.pictures.source import Source

# After 128 bytes that mean nothing.
START, PLACE = b"DICM", 128
# A transfer syntax, which is named within the first bytes.
DEFLATED, META = b"1.2.840.10008.1.2.1.99", 4096
GREY = ("MONOCHROME1", "MONOCHROME2")
# What Python warns of is the same for all threads, so that one at a time may change it, and change it back.
QUIET = Lock()
# Colours that pydicom turns to red, green and blue.
COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR")


def is_dicom(start: bytes) -> bool:
    """Return whether a file begins, with at least 132 bytes, as DICOM files do."""
    return start[PLACE : PLACE + len(START)] == START


@contextmanager
def _quiet() -> Iterator[None]:
    """Pass over what a file says against the standard; what keeps it from being read is told in one sentence."""
    with QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


@_quiet()
def dicom_header(file: BinaryIO, source: Source) -> Header:
    """Return the header of an open DICOM file; `read_dicom` says what its values are.

    Args:
        file: open.
        source: where it is, for errors.

    Raises:
        DataError: if pydicom is not installed.
        UnfitError: if it holds no picture, or one that is too large.
    """
    return _header(_data_set(file, source, pixels=False))


@_quiet()
def read_dicom(file: BinaryIO, source: Source) -> np.ndarray:
    """Read an open DICOM file as (height, width, channels), the frames of several one after the other.

    Values of grey pictures are in their units, such as Hounsfield's: the rescale slope and intercept are applied. They
    are int16 where these are whole numbers and all that the stored bits can hold fits, otherwise float32; without
    slope and intercept they keep their type. MONOCHROME1, whose lowest value is white, is inverted before. Neither
    windows (VOI) nor presentation states are applied. Colours become RGB.

    Raises:
        DataError: if pydicom is not installed.
        UnfitError: if it holds no picture, one that is too large, or pixels that cannot be decoded.
    """
    data = _data_set(file, source, pixels=True)
    header = _header(data)
    from pydicom.pixels import apply_color_lut, pixel_array

    try:
        array = pixel_array(data)
    except (RuntimeError, NotImplementedError):
        name = data.file_meta.TransferSyntaxUID.name
        raise UnfitError(
            f"its pixels are compressed as {name}, which pydicom and Pillow alone do not decode; save it uncompressed, "
            "such as with gdcmconv --raw"
        ) from None
    if data.PhotometricInterpretation == "PALETTE COLOR":
        array = apply_color_lut(array, data)[..., :3]
    samples = header.channels // header.pages
    array = array.reshape(header.pages, header.height, header.width, samples)
    if data.PhotometricInterpretation in GREY:
        array = _in_units(array, data, header.dtype)
    return (
        np.ascontiguousarray(array.transpose(1, 2, 0, 3))
        .reshape(header.height, header.width, -1)
        .astype(header.dtype, copy=False)
    )


def _data_set(file: BinaryIO, source: Source, *, pixels: bool) -> Any:
    try:
        import pydicom
    except ImportError:
        raise DataError(
            f"{source} is a DICOM file, which needs the package pydicom: pip install 'pix2pix-zoo[dicom]'"
        ) from None
    file.seek(0)
    if DEFLATED in file.read(META):
        # A small file could inflate to any size.
        raise UnfitError("its data set is deflated as a whole; save it in another transfer syntax")
    file.seek(0)
    return pydicom.dcmread(file, stop_before_pixels=not pixels)


def _header(data: Any) -> Header:
    if "Rows" not in data or "Columns" not in data:
        raise UnfitError("it holds no picture")
    kind = data.PhotometricInterpretation
    if kind not in (*GREY, *COLOURS):
        raise UnfitError(
            f"its photometric interpretation is {kind}; expected grey values or colours"
        )
    frames = int(data.get("NumberOfFrames") or 1)
    samples = 3 if kind == "PALETTE COLOR" else int(data.SamplesPerPixel)
    dtype = _dtype(data)
    if kind in GREY:
        dtype = _dtype_in_units(data, dtype)
    elif kind == "PALETTE COLOR":
        bits = data.RedPaletteColorLookupTableDescriptor[2]
        dtype = np.dtype("uint8" if bits == 8 else "uint16")
    return check_size(
        Header(
            int(data.Rows),
            int(data.Columns),
            samples * frames,
            str(dtype),
            "DICOM",
            pages=frames,
        )
    )


def _dtype(data: Any) -> np.dtype:
    """Return the type of the stored values."""
    size = max(1, int(data.BitsAllocated) // 8)
    if "PixelRepresentation" not in data:  # which only integers have
        return np.dtype(f"f{size}")
    return np.dtype(f"{'i' if data.PixelRepresentation else 'u'}{size}")


def _dtype_in_units(data: Any, stored: np.dtype) -> np.dtype:
    scales = _scales(data)
    if not scales or stored.kind == "f":
        return stored
    least, most = _bounds(data)
    ends = [slope * end + intercept for slope, intercept in scales for end in (least, most)]
    whole = all(number == int(number) for scale in scales for number in scale)
    info = np.iinfo(np.int16)
    fits = info.min <= min(ends) and max(ends) <= info.max
    return np.dtype("int16" if whole and fits else "float32")


def _in_units(array: np.ndarray, data: Any, dtype: str) -> np.ndarray:
    """Apply slope and intercept to (frames, height, width, 1)."""
    if data.PhotometricInterpretation == "MONOCHROME1":
        least, most = _bounds(data) if array.dtype.kind != "f" else (array.min(), array.max())
        array = (least + most - array.astype(np.float64)).astype(array.dtype)
    scales = np.array(_scales(data), np.float64)
    if not len(scales):
        return array
    slopes, intercepts = scales.T[..., None, None, None]
    values: np.ndarray = array * slopes + intercepts
    return values.astype(dtype)


def _bounds(data: Any) -> tuple[int, int]:
    """Return the lowest and the highest value that the stored bits can hold."""
    bits = int(data.BitsStored)
    if data.PixelRepresentation:
        return -(1 << bits - 1), (1 << bits - 1) - 1
    return 0, (1 << bits) - 1


def _scales(data: Any) -> list[tuple[float, float]]:
    """Return slope and intercept, of all frames or of each; nothing if there are none.

    Raises:
        UnfitError: if values are in their units by a table.
    """
    if "ModalityLUTSequence" in data:
        raise UnfitError("its values come to their units by a table (Modality LUT), not by a slope")
    each = [
        *data.get("SharedFunctionalGroupsSequence", ()),
        *data.get("PerFrameFunctionalGroupsSequence", ()),
    ]
    groups = [item for group in each for item in group.get("PixelValueTransformationSequence", ())]
    found = [item for item in (groups or [data]) if "RescaleSlope" in item]
    return [(float(item.RescaleSlope), float(item.RescaleIntercept)) for item in found]
