"""What a picture file says of itself before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A small file can claim to be of any size. Decoding takes up to three times as much: less than a gigabyte.
MOST_BYTES = 2**28
NO_LIMIT = 2**63
REMEDY = "cut it into smaller ones, or save it as a tiled TIFF to translate it"


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
