"""Archives in the layout of the published ones, with small pictures."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image


def jpeg(random: np.random.Generator, height: int, width: int) -> bytes:
    """A soft picture, as JPEG keeps it."""
    small = random.integers(0, 256, (4, 8, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(small).resize((width, height)).save(content, "JPEG", quality=95)
    return content.getvalue()


def write_pix2pix(folder: Path, name: str, counts: dict[str, int], size: int = 16) -> Path:
    """Write NAME.tar.gz with NAME/train/1.jpg, …: pairs side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for split, count in counts.items():
            for number in range(1, count + 1):
                content = jpeg(random, size, 2 * size)
                entry = tarfile.TarInfo(f"{name}/{split}/{number}.jpg")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return path


def write_cycle_gan(folder: Path, name: str, count: int = 3, size: int = 16) -> Path:
    """Write NAME.zip with NAME/trainA/0.jpg, …: pictures of two kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/", "")
        for split, more in (("trainA", 1), ("trainB", 0), ("testA", 0), ("testB", 0)):
            for number in range(count + more):
                archive.writestr(f"{name}/{split}/{number}.jpg", jpeg(random, size, size))
    return path
