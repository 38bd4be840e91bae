"""The `keras` exporter: a `.keras` file, for Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from zoo.errors import ZooError
from zoo.export.exporter import Material, Runtime, Tolerance

FILE = "model.keras"


@dataclass(frozen=True, kw_only=True)
class KerasFile:
    """Writes `model.keras`, which `keras.models.load_model` opens where `zoo.models.inference` is imported."""

    label: ClassVar[str] = "keras"
    tolerance: ClassVar[Tolerance] = Tolerance(difference=1e-4)

    def write(self, material: Material, folder: Path) -> None:
        """Write `model.keras`."""
        material.network.save(folder / FILE)

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open it with Keras, on the backend that Keras runs on.

        Args:
            folder: as given to `write`; it may have been moved since.
            threads: has no effect: those of a backend belong to the process.

        Raises:
            ZooError: if it holds no such file.
        """
        del threads
        file = folder / FILE
        if not file.is_file():
            raise ZooError(f"{folder} holds no {FILE}")
        return Network(file)


class Network:
    """A network in a `.keras` file.

    Args:
        file: its path.
    """

    def __init__(self, file: Path) -> None:
        from zoo.runs.run import load_network

        self.network = load_network(file)
        self.input_shape: tuple[int | None, int, int, int] = self.network.input_shape

    def __call__(self, pictures: np.ndarray, /) -> np.ndarray:
        """Paint pictures."""
        return np.asarray(self.network.predict_on_batch(pictures), np.float32)
