"""Pictures as text that a page can hold."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

JPEG_QUALITY = 90
# A PNG file of more bytes than this becomes JPEG, of about a tenth.
MOST_PNG_BYTES = 100_000


def as_png(pixels: np.ndarray) -> str:
    """Return uint8 pixels (height, width, 3) as a PNG in a data URI."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return _uri("png", packed.getvalue())


def as_jpeg(pixels: np.ndarray) -> str:
    """Return uint8 pixels (height, width, 3) as a JPEG in a data URI, of about a tenth of the PNG's size."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return _uri("jpeg", packed.getvalue())


def of_file(path: Path) -> str:
    """Return a PNG file in a data URI: as it is, or, if it is large, as JPEG."""
    content = path.read_bytes()
    if len(content) <= MOST_PNG_BYTES:
        return _uri("png", content)
    with Image.open(io.BytesIO(content)) as picture:
        return as_jpeg(np.asarray(picture.convert("RGB")))


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
