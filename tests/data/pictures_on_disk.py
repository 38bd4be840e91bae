"""Writes picture files for the tests of folders."""

import numpy as np
from PIL import Image

from zoo.pictures import write_picture


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def flat(height, width, color):
    return np.full((height, width, 3), color, np.uint8)


def save(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, picture)
    return path


def save_pairs(folder, names, size=(8, 8), suffix=".png"):
    """Side-by-side files: A is noise, B its negative."""
    for seed, name in enumerate(names):
        a = noise(size[0], size[1], seed)
        save(folder / f"{name}{suffix}", np.concatenate([a, 255 - a], axis=1))


def save_two(first, second, names, size=(8, 8), suffix=".png"):
    """Two folders: A is noise, B its negative."""
    for seed, name in enumerate(names):
        a = noise(size[0], size[1], seed)
        save(first / f"{name}{suffix}", a)
        save(second / f"{name}{suffix}", 255 - a)


def save_truncated(path, size=(64, 64)):
    """A file whose header is whole and whose body is not."""
    save(path, noise(*size))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def save_deep(path):
    """A picture of 16 bits a channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000).save(path)
