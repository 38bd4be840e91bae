"""ONNX, which many runtimes read; opened with onnxruntime."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from zoo.export.converting import converting, opening
from zoo.export.exporter import Material, Runtime, Tolerance


@dataclass(frozen=True)
class ONNX:
    """An `.onnx` file: `pictures` in, `paintings` out, float32, channels last, any number at once.

    Args:
        opset: version of the operations, 13 to 18; older runtimes need lower ones.
    """

    opset: Annotated[int, Field(ge=13, le=18)] = 17

    label = "onnx"
    # The file in an export's folder, and the names of the graph's input, output and size of a batch.
    file: ClassVar[str] = "model.onnx"
    input: ClassVar[str] = "pictures"
    output: ClassVar[str] = "paintings"
    batch: ClassVar[str] = "batch"
    tolerance = Tolerance(difference=1e-4)

    def write(self, material: Material, folder: Path) -> None:
        """Write `model.onnx`.

        Raises:
            ZooError: if the converter does not take the network.
        """
        from zoo.export.prepare import as_function

        # The converter may import onnxruntime, too.
        _disable_telemetry()
        with converting("ONNX"):
            import onnx
            import tf2onnx

            function = as_function(material.network)
            model, _ = tf2onnx.convert.from_function(
                function, input_signature=function.input_signature, opset=self.opset
            )
            _name(model, material.name)
            _remove_seeds(model)
            onnx.checker.check_model(model)
            # Weights beside the file beyond 2 GB, the limit of its format; there is no such generator.
            onnx.save_model(model, str(folder / ONNX.file))

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open `model.onnx` with onnxruntime on the processor."""
        with opening("onnxruntime", folder / ONNX.file):
            return _Session(folder / ONNX.file, threads)


def _name(model: Any, name: str) -> None:
    """Give the model, its output and its batch the names that are documented."""
    graph = model.graph
    graph.name = name
    (output,) = graph.output
    for node in graph.node:
        for names in (node.input, node.output):
            for index, tensor in enumerate(names):
                if tensor == output.name:
                    names[index] = ONNX.output
    output.name = ONNX.output
    for value in (*graph.input, output):
        value.type.tensor_type.shape.dim[0].dim_param = ONNX.batch


def _remove_seeds(model: Any) -> None:
    """Leave the seeds of random numbers to the runtime: the converter writes 0, with which each start draws alike."""
    for node in model.graph.node:
        for attribute in [each for each in node.attribute if each.name == "seed"]:
            node.attribute.remove(attribute)


def _disable_telemetry() -> None:
    # It is read at the import; without it files are written into the home folder.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


class _Session:
    def __init__(self, file: Path, threads: int | None) -> None:
        _disable_telemetry()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        if threads:
            options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        _, height, width, channels = self._session.get_inputs()[0].shape
        self.input_shape: tuple[int | None, int, int, int] = (None, height, width, channels)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        given = np.ascontiguousarray(pictures, np.float32)
        painted: np.ndarray = self._session.run([ONNX.output], {ONNX.input: given})[0]
        return painted
