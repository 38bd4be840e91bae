"""Picture files and the values in them as TensorFlow operations, so that a server needs no Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from zoo.export.serving.headers import Head, read_head
from zoo.export.serving.orientation import upright
from zoo.pictures import PictureFormat
from zoo.pictures.channels import GREY
from zoo.pictures.labels import UNLABELLED


def decode(content: Any, form: PictureFormat, most_pixels: int) -> Any:
    """Decode a JPEG, PNG, BMP or GIF file as `PictureFormat.decode` does.

    What cannot be decoded, has more pixels or is not of the format ends the request with InvalidArgument.

    Args:
        content: string scalar.
        form: of 8 or 16 bits a channel.
        most_pixels: that are decoded; what the file says of itself is looked at before.

    Returns:
        (height, width, channels), what `PictureFormat.as_stored` returns.
    """
    head = read_head(content, most_pixels)
    checked = tf.debugging.Assert(
        head.deep if form.dtype == "uint16" else ~head.deep,
        [f"the picture has other than the {8 * np.dtype(form.dtype).itemsize} bits expected"],
    )
    with tf.control_dependencies([checked]):
        content = tf.identity(head.content)
    pixels = _decoded_deep(content) if form.dtype == "uint16" else _decoded(content, head)
    # A GIF's first picture may be larger than the file says.
    small = tf.debugging.Assert(
        tf.size(pixels[..., 0], tf.int64) <= most_pixels,
        [f"the picture has more than the {most_pixels} pixels that are translated"],
    )
    with tf.control_dependencies([small]):
        return _as_stored(upright(tf.identity(pixels), head), form)


def to_network(stored: Any, form: PictureFormat) -> Any:
    """Return what a network sees; see `PictureFormat.to_network`.

    Args:
        stored: (..., channels), of files.
    """
    if form.classes:
        classes = tf.range(form.depth, dtype=tf.int32)
        return tf.where(tf.cast(stored, tf.int32) == classes, np.float32(1), np.float32(-1))
    values = tf.cast(stored, tf.float32)
    if form.plain:
        return values / np.float32(127.5) - np.float32(1)
    if form.nodata is not None:
        fill = np.array(form.filling, np.float32)
        values = tf.where(values == np.float32(form.nodata), fill, values)
    low, high = (np.array(bound, np.float32) for bound in (form.low, form.high))
    return tf.clip_by_value((values - low) * (2 / (high - low)) - 1, -1, 1)


def from_network(painted: Any, form: PictureFormat) -> Any:
    """Return the values in files of what a network paints; see `PictureFormat.from_network`.

    Args:
        painted: float32 (height, width, depth) in [-1, 1].
    """
    if form.classes:
        values = np.array(form.classes).astype(form.dtype).reshape(form.depth, -1)
        return tf.gather(values, tf.argmax(painted, axis=-1))
    if form.plain:
        return tf.cast(tf.clip_by_value(tf.round((painted + 1) * 127.5), 0, 255), tf.uint8)
    low, high = (np.array(bound, np.float64) for bound in (form.low, form.high))
    scaled = (tf.cast(tf.clip_by_value(painted, -1, 1), tf.float64) + 1) * (high - low) / 2 + low
    written = tf.cast(tf.round(scaled), form.dtype)
    if form.nodata is None:
        return written
    nodata = np.array(form.nodata, form.dtype)
    return tf.where(written == nodata, form.beside_nodata, written)


def with_holes(written: Any, stored: Any, source: PictureFormat, target: PictureFormat) -> Any:
    """Return a translated picture with the holes of its source, if both formats know holes.

    Args:
        written: (height, width, channels), of files of the target's format.
        stored: (height, width, channels), of files of the source's format.
        source: format that may have a `nodata`.
        target: format that may have a `hole`.
    """
    if source.nodata is None or target.hole is None:
        return written
    holes = tf.reduce_all(stored == np.array(source.nodata, source.dtype), -1, keepdims=True)
    return tf.where(holes, np.array(target.hole, target.dtype), written)


def _decoded(content: Any, head: Head) -> Any:
    """Decode 8 bits a channel."""

    def jpeg() -> Any:
        # TensorFlow's default trades levels for speed; this is what Pillow and OpenCV do.
        return tf.io.decode_jpeg(content, dct_method="INTEGER_ACCURATE")

    def other() -> Any:
        pixels = tf.io.decode_image(content, expand_animations=False)
        # What a BMP file of 32 bits has besides its colours means nothing.
        return tf.cond(head.bmp, lambda: pixels[..., :3], lambda: pixels)

    return tf.ensure_shape(tf.cond(head.jpeg, jpeg, other), (None, None, None))


def _decoded_deep(content: Any) -> Any:
    return tf.ensure_shape(tf.io.decode_png(content, dtype=tf.uint16), (None, None, None))


def _as_stored(pixels: Any, form: PictureFormat) -> Any:
    channels = tf.shape(pixels)[2]
    if form.classes:
        return _indices(pixels, form)
    if isinstance(form.channels, int):
        right = tf.debugging.Assert(
            channels == form.channels,
            [f"the picture has another number of channels than the {form.channels} expected"],
        )
        with tf.control_dependencies([right]):
            return tf.ensure_shape(tf.identity(pixels), (None, None, form.channels))
    return _in_colours(pixels, form.depth)


def _in_colours(pixels: Any, depth: int) -> Any:
    """Return grey (depth 1) or colours (depth 3) of pixels of 1 to 4 channels, laid on white."""
    channels = tf.shape(pixels)[2]
    opaque = tf.cond(channels % 2 == 0, lambda: _on_white(pixels), lambda: pixels)

    def mixed() -> Any:
        grey = tf.tensordot(tf.cast(opaque, tf.float32), GREY[:, None], 1)
        return tf.cast(tf.round(grey), pixels.dtype)

    def other() -> Any:
        return tf.repeat(opaque, 3, axis=-1) if depth == 3 else mixed()

    shaped = tf.cond(tf.shape(opaque)[2] == depth, lambda: opaque, other)
    return tf.ensure_shape(shaped, (None, None, depth))


def _on_white(pixels: Any) -> Any:
    most = pixels.dtype.max
    opacity = tf.cast(pixels[..., -1:], tf.float32) / most
    laid = tf.cast(pixels[..., :-1], tf.float32) * opacity + most * (1 - opacity)
    return tf.cast(tf.round(laid), pixels.dtype)


def _indices(pixels: Any, form: PictureFormat) -> Any:
    """Return the index of each pixel's class, uint8 (height, width, 1)."""
    if isinstance(form.classes[0], int):
        single = tf.debugging.Assert(
            tf.shape(pixels)[2] == 1,
            [
                "the picture has colours or a palette; expected a label map whose greys are the values"
            ],
        )
        with tf.control_dependencies([single]):
            codes = tf.cast(pixels[..., :1], tf.int32)
        known = np.array(form.classes, np.int32)
        unlabelled = codes == UNLABELLED
    else:
        colours = tf.cast(_in_colours(pixels, 3), tf.int32)
        codes = tf.reduce_sum(colours * np.array([1 << 16, 1 << 8, 1], np.int32), -1, keepdims=True)
        known = np.array([[1 << 16, 1 << 8, 1]], np.int32) @ np.array(form.classes, np.int32).T
        known = known[0]
        unlabelled = tf.zeros_like(codes, tf.bool)
    order = np.argsort(known)
    place = tf.searchsorted(known[order], tf.reshape(codes, [-1]))
    place = tf.reshape(tf.minimum(place, len(known) - 1), tf.shape(codes))
    found = tf.gather(known[order], place) == codes
    labelled = tf.debugging.Assert(
        tf.reduce_all(found | unlabelled),
        [f"the picture has pixels that are none of its {form.depth} classes"],
    )
    with tf.control_dependencies([labelled]):
        indices = tf.gather(order.astype(np.uint8), place)
    indices = tf.where(found, indices, tf.constant(UNLABELLED, tf.uint8))
    return tf.ensure_shape(indices, (None, None, 1))
