"""What a picture file says of itself before it is decoded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ELOOP
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from zoo.errors import DataError
from zoo.pictures.holes import GDAL_NODATA, nodata_of
from zoo.pictures.orientation import TRANSPOSED, of_image

# A small file can claim to be of any size. Decoding takes up to three times as much: less than a gigabyte.
MOST_BYTES = 2**28
# Bytes at a file's beginning that tell its kind.
START = 132
# Tags of a TIFF file.
WIDTH, LENGTH = 256, 257
REMEDY = "cut it into smaller ones, or save it as a tiled TIFF to translate it"

# Channels and type of what Pillow decodes, by its mode; what is not here is converted to RGB.
MODES = {
    "1": (1, "uint8"),
    "L": (1, "uint8"),
    "LA": (2, "uint8"),
    "RGB": (3, "uint8"),
    "RGBA": (4, "uint8"),
    "I;16": (1, "uint16"),
    "I;16B": (1, "uint16"),
    "I;16L": (1, "uint16"),
    "I": (1, "int32"),
    "F": (1, "float32"),
}


# Pillow warns of half as many pixels as it refuses; `check_size` says what is too large.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
# What EXIF says wrongly is passed over.
warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning)


class UnfitError(ValueError):
    """What a file is instead of a picture that can be read: a clause that begins with "it" or "its"."""


@dataclass(frozen=True)
class Header:
    """Size and kind of a picture, as it will be read.

    Args:
        height: rows, after the EXIF orientation.
        width: columns, after the EXIF orientation.
        channels: as `read_array` gives them: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha, or any number; of a
            file of several pages those of all pages.
        dtype: NumPy's name of the type of the values, such as `"uint8"`.
        kind: of file, such as `"JPEG"`.
        indexed: whether the values in the file are indices of a palette.
        transparent: whether the last channel is alpha.
        orientation: of EXIF, 1 to 8; 1 leaves the picture as it is.
        pages: of a TIFF file.
        nodata: the value that marks holes by the file's own tag, if it is a number that its values can have.
    """

    height: int
    width: int
    channels: int
    dtype: str
    kind: str
    indexed: bool = False
    transparent: bool = False
    orientation: int = 1
    pages: int = 1
    nodata: float | None = None

    def is_stack(self, channels: int | str | None) -> bool:
        """Return whether the pages are pictures each, and not the channels of one.

        Args:
            channels: that one picture is to have; a number of them may be made up by pages. None takes any.
        """
        return self.pages > 1 and channels is not None and channels != self.channels

    @property
    def bytes(self) -> int:
        """Memory that the decoded picture takes."""
        return self.height * self.width * self.channels * np.dtype(self.dtype).itemsize


def several_pages(pages: int, channels: int) -> str:
    """Say that a file has several pages, where one picture was expected, and what to do.

    Args:
        pages: of the file.
        channels: of all pages together.
    """
    return (
        f"has {pages} pages; expected one picture: save each page as a file, or set channels to {channels} if the "
        "pages are its channels"
    )


def check_size(header: Header, most: int = MOST_BYTES) -> Header:
    """Return a header, if a picture of its size can be read.

    Args:
        header: of the picture.
        most: bytes that it may take.

    Raises:
        UnfitError: if it has no pixels, or too many.
    """
    if min(header.height, header.width, header.channels) < 1:
        raise UnfitError("it has no pixels")
    if header.bytes > most:
        raise UnfitError(
            f"its {header.width} x {header.height} pixels would take {header.bytes >> 20:,} MB of memory, "
            f"more than the {MOST_BYTES >> 20} that one picture may; {REMEDY}"
        )
    return header


def of_pillow(picture: Image.Image, *, deep: bool = False) -> Header:
    """Return the header of a picture that Pillow has opened.

    Args:
        picture: opened, decoded or not.
        deep: whether it is a PNG of 16 bits a channel.
    """
    transparent = picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info
    channels, dtype = MODES.get(picture.mode, (4 if transparent else 3, "uint8"))
    if transparent and not picture.mode.endswith("A"):
        channels = 4  # a colour, or the colours of a palette, that is to be seen through
    if deep:
        dtype = "uint16"
    orientation = of_image(picture)
    width, height = picture.size
    if orientation in TRANSPOSED:
        if isinstance(picture, TiffImageFile):  # whose size some versions of Pillow have turned
            width, height = picture.tag_v2[WIDTH], picture.tag_v2[LENGTH]
        height, width = width, height
    return Header(
        height,
        width,
        channels,
        dtype,
        picture.format or "picture",
        indexed=picture.mode in ("P", "PA"),
        transparent=transparent,
        orientation=orientation,
        nodata=nodata_of(picture.tag_v2.get(GDAL_NODATA), dtype)
        if isinstance(picture, TiffImageFile)
        else None,
    )


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say in one sentence, as a `DataError`, what keeps a file from being read as a picture."""
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError:
        what = f"is a link to {path.readlink()}, which" if path.is_symlink() else ""
        raise DataError(" ".join(filter(None, (str(path), what, "does not exist")))) from None
    except UnfitError as error:
        raise DataError(f"{path} cannot be read as a picture: {error}") from None
    except Image.DecompressionBombError:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise DataError(
            f"{path} has more than {most} million pixels, which would fill the memory; {REMEDY}"
        ) from None
    except UnidentifiedImageError:
        raise DataError(
            f"{path} is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy"
        ) from None
    except MemoryError:
        raise DataError(f"{path} cannot be read as a picture: memory is short") from None
    except Exception as error:  # Decoders raise whatever they meet in a broken file.
        raise DataError(f"{path} cannot be read as a picture: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == ELOOP:
        return "it is a link that leads back to itself"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # Of other types, such as KeyError, the text is about a decoder's insides.
    told = f" ({error})" if isinstance(error, OSError | ValueError | SyntaxError) else ""
    return f"it is damaged or incomplete{told}"
