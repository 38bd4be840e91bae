"""What the first bytes of a picture file say, as TensorFlow operations: its kind, its size, its bit depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

# Bytes that are looked at; shorter files count as filled with zeros.
START = 64
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
GIF = b"GIF8"
BMP = b"BM"


@dataclass(frozen=True)
class Head:
    """A picture file that is not too large.

    Args:
        content: of the file, string scalar; whoever uses it waits for the checks.
        jpeg: whether it is a JPEG file, bool scalar; so the others.
        png: whether it is a PNG file.
        bmp: whether it is a BMP file.
        deep: whether it is a PNG file of 16 bits a channel.
    """

    content: Any
    jpeg: Any
    png: Any
    bmp: Any
    deep: Any


def read_head(content: Any, most_pixels: int) -> Head:
    """Read the kind and the size of a picture file before it is decoded.

    Malformed files, BMP files with a palette, and pictures of more pixels end the request with InvalidArgument.

    Args:
        content: string scalar.
        most_pixels: that a picture may have.
    """
    start = tf.strings.substr(tf.strings.join([content, b"\0" * START]), 0, START)
    numbers = tf.cast(tf.io.decode_raw(start, tf.uint8), tf.int64)
    png, jpeg, gif, bmp = (_starts(start, kind) for kind in (PNG, JPEG, GIF, BMP))
    known = tf.debugging.Assert(
        png | jpeg | gif | bmp, ["the bytes are no JPEG, PNG, BMP or GIF picture"]
    )
    # TensorFlow would take the indices of a palette for greys.
    plain = tf.debugging.Assert(
        ~bmp | (numbers[28] >= 24),
        ["the BMP picture has a palette; expected 24 or 32 bits a pixel"],
    )
    with tf.control_dependencies([known, plain]):
        content = tf.identity(content)
    pixels = tf.case(
        [
            (jpeg, lambda: _of_jpeg(content)),
            (png, lambda: _number(numbers, 16, 4, big=True) * _number(numbers, 20, 4, big=True)),
            (gif, lambda: _number(numbers, 6, 2) * _number(numbers, 8, 2)),
        ],
        default=lambda: tf.abs(_signed(numbers, 18) * _signed(numbers, 22)),
    )
    small = tf.debugging.Assert(
        # PNG's two numbers of 32 bits may overflow 63.
        (pixels <= most_pixels) & (pixels >= 0),
        [f"the picture has more than the {most_pixels} pixels that are translated"],
    )
    with tf.control_dependencies([small]):
        return Head(tf.identity(content), jpeg, png, bmp, png & (numbers[24] == 16))


def _starts(start: Any, kind: bytes) -> Any:
    return tf.strings.substr(start, 0, len(kind)) == kind


def _of_jpeg(content: Any) -> Any:
    shape = tf.cast(tf.io.extract_jpeg_shape(content), tf.int64)
    return shape[0] * shape[1]


def _number(numbers: Any, at: int, count: int, *, big: bool = False) -> Any:
    places = range(count)
    powers = [1 << 8 * place for place in (reversed(places) if big else places)]
    return tf.reduce_sum(numbers[at : at + count] * tf.constant(powers, tf.int64))


def _signed(numbers: Any, at: int) -> Any:
    number = _number(numbers, at, 4)
    return tf.where(number >= 1 << 31, number - (1 << 32), number)
