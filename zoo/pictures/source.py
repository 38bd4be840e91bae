"""Where the bytes of a picture file come from, and how errors tell that they are no picture."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ELOOP
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Self

from PIL import Image, UnidentifiedImageError

from zoo.errors import DataError
from zoo.pictures.header import REMEDY, UnfitError

# Twice as many as Pillow warns of, which is where it refuses them.
MOST_PIXELS = 178_956_970


@dataclass(frozen=True)
class Stream:
    """A picture file that has no path, such as the body of a request or a cell of a table.

    Args:
        name: what errors call it.
        open: returns its bytes, from the first on, as a binary file that can seek; called once for each reading.
    """

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def of(cls, content: bytes, name: str) -> Self:
        """Return the stream of bytes in memory."""
        return cls(name, lambda: io.BytesIO(content))

    def __str__(self) -> str:
        return self.name


Source = Path | Stream
"""A picture file; `str` of it is what errors call it."""


class UnknownKindError(DataError):
    """A file that is of none of the kinds that are read."""


class TooManyPixelsError(DataError):
    """A file that says that it has more pixels than any picture that is read."""


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open a picture file.

    Raises:
        DataError: if it is empty.
        UnfitError: if it is no file, such as a pipe that would never end.
    """
    if isinstance(source, Path):
        mode = source.stat().st_mode
        if not S_ISREG(mode):
            what = "a folder" if S_ISDIR(mode) else "a pipe or a device"
            raise UnfitError(f"it is {what}, not a file")
    with source.open("rb") if isinstance(source, Path) else source.open() as file:
        if not file.seek(0, os.SEEK_END):
            raise DataError(f"{source} is empty; expected a picture")
        file.seek(0)
        yield file


@contextmanager
def readable(source: Source) -> Iterator[None]:
    """Say in one sentence, as a `DataError`, what keeps a file from being read as a picture."""
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError:
        link = isinstance(source, Path) and source.is_symlink() and source.readlink()
        what = f"is a link to {link}, which" if link else ""
        raise DataError(" ".join(filter(None, (str(source), what, "does not exist")))) from None
    except UnfitError as error:
        raise DataError(f"{source} cannot be read as a picture: {error}") from None
    except Image.DecompressionBombError:
        raise TooManyPixelsError(
            f"{source} has more than {MOST_PIXELS // 10**6} million pixels, which would fill the memory; {REMEDY}"
        ) from None
    except UnidentifiedImageError:
        raise UnknownKindError(
            f"{source} is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy"
        ) from None
    except MemoryError:
        raise DataError(f"{source} cannot be read as a picture: memory is short") from None
    except Exception as error:  # Decoders raise whatever they meet in a broken file.
        raise DataError(f"{source} cannot be read as a picture: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == ELOOP:
        return "it is a link that leads back to itself"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # Of other types, such as KeyError, the text is about a decoder's insides.
    told = f" ({error})" if isinstance(error, OSError | ValueError | SyntaxError) else ""
    return f"it is damaged or incomplete{told}"
