"""What an export is made and judged with: the network of a run and pictures for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from zoo.data.spread import spread
from zoo.errors import ZooError
from zoo.export.exporter import Material
from zoo.export.prepare import in_float32
from zoo.pictures import PictureFormat, find_pictures
from zoo.runs.examples import HELD_OUT, TRAINING
from zoo.runs.run import Run, model_name
from zoo.translation.tiling import alignment_of


def gather(
    run: Run, name: str = "", *, inverse: bool = False, pictures: Sequence[Path] = ()
) -> Material:
    """Return the network of a run with the pictures that it keeps.

    Args:
        run: trained or imported.
        name: of the model; empty takes the run's.
        inverse: the network from target to source.
        pictures: sources to use in place of those that the run keeps: files, and folders of which the pictures directly
            inside are taken. They are resized to what the network sees.

    Raises:
        ZooError: if the run has no such network, or no pictures and none are given.
        DataError: if a picture cannot be read, or is not of the run's format.
    """
    # What was trained in mixed precision too: runtimes compute half precision otherwise than Keras, if they can at all.
    network = in_float32(run.inverse_generator if inverse else run.generator)
    formats = run.formats.reversed if inverse else run.formats
    height, width, _ = network.input_shape[1:]

    def read(files: Iterable[Path]) -> np.ndarray:
        seen = [_seen(file, formats.source, (height, width)) for file in files]
        return np.stack(seen) if seen else np.zeros((0, *network.input_shape[1:]), np.float32)

    side = "target" if inverse else "source"
    held_out, calibration = run.examples("held_out", side), run.examples("training", side)
    if pictures:
        given = _files(pictures)
        held_out, calibration = spread(given, HELD_OUT), spread(given, TRAINING)
    if not held_out:
        raise ZooError(
            f"{run.path} keeps no pictures to judge an export by; name some that the network "
            "should translate with --pictures"
        )
    return Material(
        network=network,
        name=model_name(name) if name else run.name,
        calibration=read(calibration),
        held_out=read(held_out),
        formats=formats,
        alignment=alignment_of(network),
    )


def _files(paths: Sequence[Path]) -> list[Path]:
    files = []
    for path in paths:
        found = find_pictures(path) if path.is_dir() else [path]
        if not found:
            raise ZooError(f"the folder {path} holds no pictures")
        files += found
    return files


def _seen(file: Path, form: PictureFormat, size: tuple[int, int]) -> np.ndarray:
    """Return a picture as a network of a size sees it."""
    stored = form.read(file)
    if stored.shape[:2] == size:
        return form.to_network(stored)
    if form.classes:
        resized = cv2.resize(stored, size[::-1], interpolation=cv2.INTER_NEAREST)
        return form.to_network(resized.reshape(*size, -1))
    seen = form.to_network(stored)
    return cv2.resize(seen, size[::-1], interpolation=cv2.INTER_AREA).reshape(*size, -1)
