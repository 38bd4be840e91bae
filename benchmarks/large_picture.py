"""Memory and seconds that translating a picture of 20,000 x 20,000 pixels takes, with a network that costs little.

    python benchmarks/large_picture.py [--side 20000] [--norm none|instance] [--raw]

The picture is a TIFF file of colours with noise in a temporary folder, in tiles that are compressed, or raw.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tifffile

from zoo.models.shared_statistics import settling
from zoo.pictures.tiff_tiles import write_tiled
from zoo.translation.jobs import collect
from zoo.translation.tiling import alignment_of
from zoo.translation.translator import Translator

TILE = 256


def network(norm: str) -> keras.Model:
    inputs = keras.Input((TILE, TILE, 3))
    x = keras.layers.Conv2D(8, 4, strides=4)(inputs)
    if norm == "instance":
        x = keras.layers.GroupNormalization(-1)(x)
    return keras.Model(inputs, keras.layers.Conv2DTranspose(3, 4, strides=4, activation="tanh")(x))


def rows(side: int) -> Iterator[np.ndarray]:
    """Yield bands of a picture of blocks of colour with noise in their lower bits."""
    random = np.random.default_rng(0)
    for top in range(0, side, TILE):
        count = min(TILE, side - top)
        blocks = random.integers(0, 240, (count // 16 + 1, side // 16 + 1, 3), np.uint8)
        noise = random.integers(0, 16, (count, side, 3), np.uint8)
        yield blocks.repeat(16, 0).repeat(16, 1)[:count, :side] + noise


def write(path: Path, side: int, raw: bool) -> None:
    if not raw:
        write_tiled(path, rows(side), side, side)
        return
    strips = (band for band in rows(side))
    tifffile.imwrite(
        path, strips, shape=(side, side, 3), dtype="uint8", photometric="rgb", rowsperstrip=TILE
    )


def peak() -> int:
    """Most memory that the process had at any time, MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--norm", choices=["none", "instance"], default="none")
    parser.add_argument("--raw", action="store_true")
    given = parser.parse_args()
    model = network(given.norm)
    translator = Translator(
        model,
        (TILE, TILE),
        batch_size=8,
        alignment=alignment_of(model),
        settle=settling(model),
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "large.tif"
        write(source, given.side, given.raw)
        size = source.stat().st_size >> 20
        before = peak()
        jobs = collect([source], Path(folder) / "translated")
        start = time.perf_counter()
        ((_, written),) = translator.translate_files(jobs)
        seconds = time.perf_counter() - start
        print(
            f"{given.side} x {given.side}, norm {given.norm}: {size:,} MB in, {written.stat().st_size >> 20:,} MB out "
            f"as {written.suffix}, {seconds:.0f} s; peak {peak():,} MB, {before:,} before",
            file=sys.stdout,
        )


if __name__ == "__main__":
    main()
