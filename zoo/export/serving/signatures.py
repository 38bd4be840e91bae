"""What a served model is asked: pictures as floats, and the bytes of picture files of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from zoo.export.serving.tiles import Tiling, translate
from zoo.export.serving.values import decode, from_network, to_network, with_holes
from zoo.pictures import RGB, PictureFormat

if TYPE_CHECKING:
    import keras

FLOATS = "serving_default"
BYTES = "translate_bytes"
# The REST API answers base64 for names that end so.
BYTES_IN, BYTES_OUT = "picture_bytes", "translated_bytes"
FLOATS_IN, FLOATS_OUT = "pictures", "translated"


@dataclass(frozen=True)
class Sides:
    """What the values in picture files are before and after the network.

    Args:
        source: of files that are sent.
        target: of files that are answered.
        depth: channels that the network paints.
    """

    source: PictureFormat
    target: PictureFormat
    depth: int

    @classmethod
    def of(cls, network: keras.Model, source: PictureFormat, target: PictureFormat) -> Sides:
        """Return them with the channels of the network, as `Translator` takes formats that are left at RGB."""
        channels, depth = network.input_shape[-1], network.output_shape[-1]
        if source == RGB and channels != RGB.depth:
            source = PictureFormat("grey" if channels == 1 else channels)
        return cls(source, target, depth)

    @property
    def pixel(self) -> np.ndarray:
        """What files hold of one painted pixel: (1, 1, channels) of their type."""
        return self.target.from_network(np.zeros((1, 1, self.depth), np.float32))

    @property
    def problem(self) -> str:
        """Why PNG and JPEG files cannot hold them; empty if they can."""
        source, pixel = self.source, self.pixel
        channels = source.channels if isinstance(source.channels, int) else source.depth
        if source.classes:
            channels = 1
        if source.dtype not in ("uint8", "uint16") or channels > 4:
            return f"no PNG file holds sources of {channels} channels of {source.dtype}"
        if (str(pixel.dtype), pixel.shape[2]) not in [
            ("uint8", 1),
            ("uint8", 3),
            ("uint8", 4),
            ("uint16", 1),
            ("uint16", 3),
        ]:
            return f"no PNG file holds targets of {pixel.shape[2]} channels of {pixel.dtype}"
        return ""


def served(
    network: keras.Model, sides: Sides, tiling: Tiling, most_pixels: int
) -> tuple[tf.Module, dict[str, Any]]:
    """Return what `tf.saved_model.save` takes: a module that holds the network's weights once, and signatures.

    Args:
        network: on the TensorFlow backend; calling it moves none of its variables.
        sides: of picture files.
        tiling: of pictures that are larger than the network.
        most_pixels: that a picture file may have.
    """
    module = tf.Module(name="served")
    # Not the network itself: Keras's layers would be tracked beside their variables, and both be saved.
    module.weights = [variable.value for variable in network.variables]

    def paint(pictures: Any) -> Any:
        return tf.cast(network(pictures, training=False), tf.float32)

    floats = tf.TensorSpec(network.input_shape, tf.float32, name=FLOATS_IN)
    signatures = {
        FLOATS: tf.function(
            lambda pictures: {FLOATS_OUT: paint(pictures)},
            input_signature=[floats],
            autograph=False,
        )
    }
    if sides.problem:
        return module, signatures

    pixel = sides.pixel

    def translate_one(content: Any) -> Any:
        stored = decode(content, sides.source, most_pixels)
        translated = translate(
            stored,
            tiling,
            lambda tiles: paint(to_network(tiles, sides.source)),
            lambda painted: from_network(painted, sides.target),
            depth=sides.depth,
            channels=pixel.shape[2],
            dtype=str(pixel.dtype),
        )
        return tf.io.encode_png(with_holes(translated, stored, sides.source, sides.target))

    def translate_all(picture_bytes: Any) -> dict[str, Any]:
        # One after the other, so that memory is bounded by one picture.
        answers = tf.map_fn(
            translate_one, picture_bytes, fn_output_signature=tf.string, parallel_iterations=1
        )
        return {BYTES_OUT: answers}

    signatures[BYTES] = tf.function(
        translate_all,
        input_signature=[tf.TensorSpec((None,), tf.string, name=BYTES_IN)],
        autograph=False,
    )
    return module, signatures
