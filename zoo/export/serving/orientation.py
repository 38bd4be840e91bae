"""The EXIF orientation of JPEG and PNG files as TensorFlow operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from zoo.export.serving.headers import Head
from zoo.pictures.orientation import MIRRORED, ORIENTATION, TRANSPOSED, UPSIDE_DOWN

# Segments and chunks that are gone through; EXIF is one of the first, unless a tool has put it at the end.
MOST_STEPS = 1024
# Entries that are looked at; cameras write a dozen.
MOST_ENTRIES = 256
EXIF_OF_JPEG = [*b"Exif\0\0"]
EXIF_OF_PNG = [*b"eXIf"]
APP1, START_OF_SCAN, END = 0xE1, 0xDA, 0xD9
SHORT, LONG = 3, 4
NOWHERE = -1


def upright(pixels: Any, head: Head) -> Any:
    """Turn and mirror a decoded picture as its EXIF says; see `zoo.pictures.orientation.upright`.

    Args:
        pixels: (height, width, channels).
        head: of its file.
    """
    place = tf.case(
        [
            (head.jpeg, lambda: _place(head.content, 2, _after_segment)),
            (head.png, lambda: _place(head.content, 8, _after_chunk)),
        ],
        default=lambda: tf.constant(NOWHERE, tf.int64),
    )
    orientation = tf.cond(
        place >= 0, lambda: _stated(head.content, place), lambda: tf.constant(1, tf.int64)
    )

    pixels = _where(orientation, TRANSPOSED, lambda part: tf.transpose(part, (1, 0, 2)), pixels)
    pixels = _where(orientation, UPSIDE_DOWN, lambda part: tf.reverse(part, [0]), pixels)
    return _where(orientation, MIRRORED, lambda part: tf.reverse(part, [1]), pixels)


def _where(orientation: Any, of: Sequence[int], turn: Callable[[Any], Any], pixels: Any) -> Any:
    chosen = tf.reduce_any(orientation == tf.constant(of, tf.int64))
    return tf.cond(chosen, lambda: turn(pixels), lambda: pixels)


def _place(content: Any, first: int, after: Callable[[Any, Any], tuple[Any, Any]]) -> Any:
    """Return where in a file its EXIF begins, int64, or -1.

    Args:
        content: of the file.
        first: place of the first segment or chunk.
        after: given the content and a place, returns where the next one is, -1 at the end, and where the EXIF of this
            one begins, or -1.
    """
    end = tf.cast(tf.strings.length(content), tf.int64)

    def step(place: Any, _: Any) -> tuple[Any, Any]:
        following, exif = after(content, place)
        return tf.where(following < end, following, NOWHERE), exif

    _, exif = tf.while_loop(
        lambda place, exif: (place >= 0) & (exif < 0),
        step,
        (tf.constant(first, tf.int64), tf.constant(NOWHERE, tf.int64)),
        maximum_iterations=MOST_STEPS,
    )
    return exif


def _after_segment(content: Any, place: Any) -> tuple[Any, Any]:
    start = _bytes(content, place, 10)
    marker = start[1]
    goes_on = (start[0] == 0xFF) & (marker != START_OF_SCAN) & (marker != END)
    is_exif = goes_on & (marker == APP1) & tf.reduce_all(start[4:] == EXIF_OF_JPEG)
    following = tf.where(marker == 0xFF, place + 1, place + 2 + start[2] * 256 + start[3])
    return tf.where(goes_on, following, NOWHERE), tf.where(is_exif, place + 10, NOWHERE)


def _after_chunk(content: Any, place: Any) -> tuple[Any, Any]:
    start = _bytes(content, place, 8)
    is_exif = tf.reduce_all(start[4:] == EXIF_OF_PNG)
    return place + 12 + _number(start[:4]), tf.where(is_exif, place + 8, NOWHERE)


def _stated(content: Any, place: Any) -> Any:
    """Return what the tag says in EXIF that begins at a place, int64; 1 if there is none."""
    start = _bytes(content, place, 8)
    little = start[0] == ord("I")
    first = place + _number(start[4:], little)
    count = _number(_bytes(content, first, 2), little)
    entries = tf.reshape(_bytes(content, first + 2, 12 * MOST_ENTRIES), (MOST_ENTRIES, 12))
    kind = _number(entries[:, 2:4], little)
    value = tf.where(
        kind == SHORT, _number(entries[:, 8:10], little), _number(entries[:, 8:], little)
    )
    fits = (
        (tf.range(MOST_ENTRIES, dtype=tf.int64) < count)
        & (_number(entries[:, :2], little) == ORIENTATION)
        & ((kind == SHORT) | (kind == LONG))
        & (_number(entries[:, 4:8], little) == 1)
    )
    return tf.reduce_max(tf.where(fits, value, 1))


def _bytes(content: Any, place: Any, count: int) -> Any:
    """Return bytes of a file from a place on, int64 (count,); zeros beyond its end."""
    place = tf.minimum(place, tf.cast(tf.strings.length(content), tf.int64))
    part = tf.strings.substr(content, place, tf.constant(count, tf.int64))
    padded = tf.strings.substr(tf.strings.join([part, b"\0" * count]), 0, count)
    return tf.cast(tf.ensure_shape(tf.io.decode_raw(padded, tf.uint8), (count,)), tf.int64)


def _number(numbers: Any, little: Any = False) -> Any:
    """Return the unsigned numbers that bytes (..., count) make."""
    count = numbers.shape[-1]
    powers = [256**place for place in range(count)]
    order = tf.where(little, tf.constant(powers, tf.int64), tf.constant(powers[::-1], tf.int64))
    return tf.reduce_sum(numbers * order, axis=-1)
