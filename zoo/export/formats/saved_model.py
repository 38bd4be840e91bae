"""The `saved_model` exporter: a folder that TensorFlow Serving serves as it is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from zoo.errors import ZooError
from zoo.export.exporter import Material, Runtime, Tolerance

VERSION = "1"
# Each warms up each signature.
WARM_UP_PICTURES = 2


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """Writes a SavedModel with a signature on floats and one on picture files of any size, and what starts a server.

    Args:
        overlap: least share of a tile in common with the next, where a picture is larger than the network.
        batch_size: tiles in one call of the network.
        most_pixels: pixels that a picture file may have; larger ones are refused before they are decoded.
    """

    overlap: Annotated[float, Field(ge=0, le=0.9)] = 0.25
    batch_size: Annotated[int, Field(ge=1)] = 4
    most_pixels: Annotated[int, Field(ge=1)] = 2**25

    label: ClassVar[str] = "saved_model"
    tolerance: ClassVar[Tolerance] = Tolerance(difference=1e-4)

    def write(self, material: Material, folder: Path) -> None:
        """Write `NAME/1`, `models.config` and `compose.yaml`.

        Raises:
            ZooError: if Keras does not run on TensorFlow, or TensorFlow Serving's messages are not installed.
        """
        _check_backend()
        import tensorflow as tf

        from zoo.export.prepare import exportable
        from zoo.export.serving.files import write_files
        from zoo.export.serving.signatures import Sides, served
        from zoo.export.serving.tiles import Tiling
        from zoo.export.serving.warm_up import write_warm_up

        network = exportable(material.network)
        sides = Sides.of(network, material.formats.source, material.formats.target)
        height, width, _ = material.input_shape
        tiling = Tiling((height, width), self.overlap, material.alignment, self.batch_size)
        module, signatures = served(network, sides, tiling, self.most_pixels)
        version = folder / material.name / VERSION
        write_warm_up(
            version,
            material.name,
            material.held_out[:WARM_UP_PICTURES],
            None if sides.problem else sides.source,
        )
        with _without_notes():
            tf.saved_model.save(module, str(version), signatures=signatures)
        write_files(folder, material.name, self._notes(material, sides.problem))

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open its signature on floats with TensorFlow's own loader.

        Args:
            folder: as given to `write`; it may have been moved since.
            threads: has no effect: those of TensorFlow belong to the process.

        Raises:
            ZooError: if it holds no model, or several.
        """
        del threads
        return Signature(find_version(folder))

    def _notes(self, material: Material, problem: str) -> list[str]:
        height, width, channels = material.input_shape
        notes = [
            f"serving_default: pictures, float32 (N, {height}, {width}, {channels}) in [-1, 1], to translated."
        ]
        if problem:
            return [*notes, f"There is no signature translate_bytes: {problem}."]
        return [
            *notes,
            f"translate_bytes: picture_bytes, picture files of at most {self.most_pixels} pixels, "
            "to translated_bytes, PNG.",
        ]


class Signature:
    """A SavedModel's signature on floats.

    Args:
        version: folder of the SavedModel.
    """

    def __init__(self, version: Path) -> None:
        import tensorflow as tf

        # A signature lives no longer than what it was loaded with.
        self._loaded = tf.saved_model.load(str(version), tags=["serve"])
        self._signature = self._loaded.signatures["serving_default"]
        spec = self._signature.structured_input_signature[1]["pictures"]
        self.input_shape: tuple[int | None, int, int, int] = tuple(spec.shape)

    def __call__(self, pictures: np.ndarray, /) -> np.ndarray:
        """Paint pictures."""
        import tensorflow as tf

        answer: Any = self._signature(pictures=tf.constant(pictures, tf.float32))
        translated: np.ndarray = answer["translated"].numpy()
        return translated


def find_version(folder: Path) -> Path:
    """Return the folder of the SavedModel in an export.

    Raises:
        ZooError: if there is none, or several.
    """
    found = sorted(folder.glob(f"*/{VERSION}/saved_model.pb"))
    if len(found) != 1:
        count = "no SavedModel" if not found else f"{len(found)} SavedModels"
        raise ZooError(f"{folder} holds {count}; expected one, at NAME/{VERSION}/saved_model.pb")
    return found[0].parent


def _check_backend() -> None:
    import keras

    if (backend := keras.backend.backend()) != "tensorflow":
        raise ZooError(
            f"a SavedModel is written by Keras on TensorFlow, and it runs on {backend} here; "
            "set KERAS_BACKEND=tensorflow"
        )


@contextmanager
def _without_notes() -> Iterator[None]:
    """Keep TensorFlow from telling where it wrote; warnings are told."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
