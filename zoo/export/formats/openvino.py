"""OpenVINO, the fastest runtime on Intel's and many other processors."""

from __future__ import annotations

import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np

from zoo.export.converting import converting, opening
from zoo.export.exporter import Material, Runtime, Tolerance

FILE = "model.xml"


@dataclass(frozen=True)
class OpenVINO:
    """OpenVINO's `model.xml` and `model.bin`, any number of pictures at once, computed in float32.

    Args:
        precision: of the weights in the file; `float16` halves it.
    """

    precision: Literal["float32", "float16"] = "float32"

    @property
    def label(self) -> str:
        """`openvino` or `openvino-float16`."""
        return "openvino" if self.precision == "float32" else f"openvino-{self.precision}"

    @property
    def tolerance(self) -> Tolerance:
        """1e-4 of float32; decibels of float16."""
        if self.precision == "float32":
            return Tolerance(difference=1e-4)
        return Tolerance(psnr=50.0)

    def write(self, material: Material, folder: Path) -> None:
        """Write `model.xml` and `model.bin`.

        Raises:
            ZooError: if the converter does not take the network.
        """
        from zoo.export.prepare import as_function

        with converting("OpenVINO"), tempfile.TemporaryDirectory() as temporary:
            import tensorflow as tf

            openvino = import_openvino()
            holder = tf.Module()
            holder.function = as_function(material.network)
            holder.variables_of_it = [variable.value for variable in material.network.variables]
            tf.saved_model.save(holder, temporary, signatures=holder.function)
            model = openvino.convert_model(temporary)
            model.set_friendly_name(material.name)
            openvino.save_model(model, folder / FILE, compress_to_fp16=self.precision == "float16")

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open `model.xml` with OpenVINO on the processor."""
        with opening("OpenVINO", folder / FILE):
            return _Compiled(folder / FILE, threads)


def import_openvino() -> ModuleType:
    """Import OpenVINO without what counts its imports, and writes an id into the home folder to do so."""
    name = "openvino_telemetry"
    absent = object()
    before = sys.modules.get(name, absent)
    # As if it were not installed, which its converter allows for.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        import openvino
        import openvino.tools.ovc
    finally:
        if before is absent:
            del sys.modules[name]
        else:
            sys.modules[name] = before  # type: ignore[assignment]
    module: ModuleType = openvino
    return module


class _Compiled:
    """Several threads may call it, one of which paints at a time."""

    def __init__(self, file: Path, threads: int | None) -> None:
        openvino = import_openvino()
        # Its default is half precision where the processor has that.
        options: dict[str, str | int] = {"INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        self._model = openvino.Core().compile_model(file, "CPU", options)
        self._lock = threading.Lock()
        _, height, width, channels = self._model.input(0).partial_shape
        self.input_shape = (None, *(side.get_length() for side in (height, width, channels)))

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        with self._lock:
            painted: np.ndarray = self._model(np.ascontiguousarray(pictures, np.float32))[0]
            return painted
