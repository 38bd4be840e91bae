"""What an exporter is: it writes a network for a runtime, and opens what it wrote with that runtime."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from zoo.pictures import Formats

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Material:
    """What an exporter is given.

    Args:
        network: functional; (N, H, W, C) in [-1, 1] to (N, H, W, D), with a fixed H and W. The run's choice about
            dropout and batch statistics is in it.
        name: of the model, such as a server shows it: letters, digits, `_` and `-`.
        calibration: training sources, float32 (n, H, W, C) in [-1, 1]; n may be 0.
        held_out: held-out sources, the same; n is at least 1.
        formats: what the values of source files mean to the network, and what values in files its paintings become.
        alignment: tiles of a larger picture start at multiples of it; see `Translator`.
    """

    network: keras.Model
    name: str
    calibration: np.ndarray
    held_out: np.ndarray
    formats: Formats = field(default_factory=Formats)
    alignment: int = 1

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        height, width, channels = self.network.input_shape[1:]
        return height, width, channels


@dataclass(frozen=True)
class Tolerance:
    """How far an export may be from the network it was made of.

    Args:
        difference: largest absolute difference of a value on [-1, 1]; or None.
        psnr: least PSNR in dB, with a peak of 2, of each picture; or None.
    """

    difference: float | None = None
    psnr: float | None = None


class Runtime(Protocol):
    """An opened export: pictures float32 (N, H, W, C) in [-1, 1] to float32 (N, H, W, D); any N from 1.

    Plugins import it as `zoo.Runtime`.
    """

    input_shape: tuple[int | None, int, int, int]
    """(None, H, W, C)."""

    def __call__(self, pictures: np.ndarray, /) -> np.ndarray:
        """Paint pictures."""
        ...


class Exporter(Protocol):
    """Writes networks for one runtime. A plugin's exporter is any object of this form.

    Plugins import it as `zoo.Exporter`.
    """

    @property
    def label(self) -> str:
        """Name of the folder the export goes to, such as `litert-int8`."""
        ...

    @property
    def tolerance(self) -> Tolerance:
        """How far what it writes may be from the network."""
        ...

    def write(self, material: Material, folder: Path) -> None:
        """Write the network into an existing, empty folder.

        Raises:
            ZooError: if it cannot be written in this format; says why.
        """
        ...

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open what `write` wrote, with its own runtime.

        Args:
            folder: as given to `write`; it may have been moved since.
            threads: that the runtime may use; None leaves it to the runtime.
        """
        ...
