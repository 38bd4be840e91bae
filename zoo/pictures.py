"""Picture files and the two value ranges: uint8 in [0, 255] on disk, float32 in [-1, 1] in networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from zoo.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp")


def find_pictures(folder: Path) -> list[Path]:
    """Return the picture files directly in `folder`, sorted by name; hidden files are left out.

    Raises:
        DataError: if `folder` is not a folder.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataError(f"the picture folder {folder} {what}")
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def read_picture(path: Path) -> np.ndarray:
    """Read a picture as uint8 RGB of shape (height, width, 3).

    The EXIF orientation is applied; grey and palette pictures become RGB; transparency is laid on white.

    Raises:
        DataError: if the file cannot be read as a picture, or has more than 8 bits a channel.
    """
    try:
        with Image.open(path) as opened:
            return _rgb(ImageOps.exif_transpose(opened), path)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except UnidentifiedImageError:
        raise DataError(
            f"{path} is not a picture that can be read; expected JPEG, PNG, WebP, TIFF or BMP"
        ) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a picture: {error}") from error


def _rgb(picture: Image.Image, path: Path) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        # Pillow would clip these to 255 without a word, which turns 16-bit pictures white.
        raise DataError(
            f"{path} has more than 8 bits a channel (mode {picture.mode}); expected 8-bit pictures: "
            "convert it first"
        )
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return np.asarray(picture.convert("RGB"))


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write a uint8 picture (height, width, 3) in the format of the path's suffix.

    The file appears whole or not at all: it is written beside its place and then moved there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    Image.fromarray(picture).save(partial, quality=95)
    partial.replace(path)


def to_float(picture: np.ndarray) -> np.ndarray:
    """Scale uint8 in [0, 255] to float32 in [-1, 1]."""
    return picture.astype(np.float32) / np.float32(127.5) - np.float32(1)


def to_uint8(picture: np.ndarray) -> np.ndarray:
    """Scale floats in [-1, 1] to uint8 in [0, 255]; what lies outside is clipped."""
    scaled = (np.asarray(picture, np.float32) + 1) * 127.5
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
