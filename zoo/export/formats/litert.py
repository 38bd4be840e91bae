"""LiteRT, the runtime of phones and small devices that was TensorFlow Lite."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from zoo.errors import ZooError
from zoo.export.converting import converting, opening
from zoo.export.exporter import Material, Runtime, Tolerance

if TYPE_CHECKING:
    import keras

FILE = "model.tflite"

Precision = Literal["float32", "float16", "int8_dynamic", "int8"]

# Of normalisation by a picture's own statistics: the variances of channels differ too much for one scale of 8 bits,
# with which a U-Net came to 29 dB.
FLOAT = ("MEAN", "SQUARED_DIFFERENCE", "RSQRT", "SUB", "MUL")

TOLERANCES = {
    "float32": Tolerance(difference=1e-4),
    "float16": Tolerance(psnr=50.0),
    "int8_dynamic": Tolerance(psnr=45.0),
    "int8": Tolerance(psnr=38.0),
}


@dataclass(frozen=True)
class LiteRT:
    """A `.tflite` file, with float32 pictures in and out, one at a time.

    Args:
        precision: `float32`; `float16`, weights in half the size; `int8_dynamic`, weights in a quarter, which
            processors compute with in integers and which is the fastest; `int8`, all of it in integers, as
            accelerators need it, with scales found on the run's own pictures; statistics of each picture, where the
            network takes them, stay in float32.
        least_psnr: PSNR in dB against the network that each held-out picture must have; None is 50 for float16, 45 for
            int8_dynamic and 38 for int8. float32 has its own tolerance.
    """

    precision: Precision = "float32"
    least_psnr: Annotated[float, Field(ge=0)] | None = None

    @property
    def label(self) -> str:
        """`litert`, or with the precision as in `litert-int8`."""
        suffix = "" if self.precision == "float32" else f"-{self.precision.replace('_', '-')}"
        return f"litert{suffix}"

    @property
    def tolerance(self) -> Tolerance:
        """1e-4 of float32; decibels of the others."""
        if self.precision != "float32" and self.least_psnr is not None:
            return Tolerance(psnr=self.least_psnr)
        return TOLERANCES[self.precision]

    def write(self, material: Material, folder: Path) -> None:
        """Write `model.tflite`.

        Raises:
            ZooError: if the converter does not take the network, or int8 has no pictures to find its scales on.
        """
        if self.precision == "int8" and not len(material.calibration):
            raise ZooError(
                "litert with precision int8 finds its scales on training pictures, and the run has none in "
                "examples/training; put some there, or use precision int8_dynamic, which needs none"
            )
        with converting("LiteRT"):
            converter = self._converter(material)
            if self.precision == "int8" and _takes_statistics(material.network):
                content = _without_whole_statistics(converter)
            else:
                content = converter.convert()
        (folder / FILE).write_bytes(content)

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open `model.tflite` with ai-edge-litert."""
        with opening("ai-edge-litert", folder / FILE):
            return _Interpreter(folder / FILE, threads)

    def _converter(self, material: Material) -> Any:
        import keras
        import tensorflow as tf

        from zoo.export.prepare import exportable
        from zoo.export.split import split_transposed

        network = exportable(material.network)
        if self.precision.startswith("int8"):
            # A scale for each branch is closer, and smaller products are a little faster.
            network = split_transposed(network)
        # With any number of pictures the interpreter takes twice as long for one.
        picture = keras.Input(batch_shape=(1, *material.input_shape), name="pictures")
        fixed = keras.Model(picture, network(picture, training=False), name=material.name)
        # Not from concrete functions: those files were seen to answer NaN.
        converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
        if self.precision != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if self.precision == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if self.precision == "int8":
            converter.representative_dataset = lambda: _one_by_one(material.calibration)
        return converter


def _takes_statistics(network: keras.Model) -> bool:
    import keras

    from zoo.models.inference import PictureNormalization

    kinds = (PictureNormalization, keras.layers.GroupNormalization, keras.layers.LayerNormalization)
    layers = network._flatten_layers(include_self=False, recursive=True)
    return any(isinstance(layer, kinds) for layer in layers)


def _without_whole_statistics(converter: Any) -> bytes:
    """Convert with the operations of FLOAT in float32, which TensorFlow offers in its debugger alone."""
    import tensorflow as tf

    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter,
        debug_dataset=converter.representative_dataset,
        debug_options=tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=list(FLOAT)),
    )
    model: bytes = debugger.get_nondebug_quantized_model()
    return model


def _one_by_one(pictures: np.ndarray) -> Iterator[list[np.ndarray]]:
    for picture in pictures:
        yield [picture[None].astype(np.float32)]


class _Interpreter:
    """Paints picture after picture; several threads may call it, one of which paints at a time."""

    def __init__(self, file: Path, threads: int | None) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(file), num_threads=threads)
        self._interpreter.allocate_tensors()
        (self._source,) = self._interpreter.get_input_details()
        (self._target,) = self._interpreter.get_output_details()
        self._lock = threading.Lock()
        _, height, width, channels = (int(side) for side in self._source["shape"])
        self.input_shape: tuple[int | None, int, int, int] = (None, height, width, channels)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        with self._lock:
            return np.concatenate([self._paint(picture[None]) for picture in pictures])

    def _paint(self, picture: np.ndarray) -> np.ndarray:
        self._interpreter.set_tensor(self._source["index"], picture.astype(np.float32, copy=False))
        self._interpreter.invoke()
        painted: np.ndarray = self._interpreter.get_tensor(self._target["index"])
        return painted
