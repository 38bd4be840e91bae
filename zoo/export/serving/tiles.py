"""Pictures of any size through a network of one size, as TensorFlow operations: what `Translator` does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class Tiling:
    """How tiles lie; see `zoo.translation.tiling.TiledAxis`.

    Args:
        size: height and width of the network.
        overlap: least share of a tile in common with the next, in [0, 0.9].
        alignment: tiles start at multiples of it.
        batch_size: tiles in one call of the network.
    """

    size: tuple[int, int]
    overlap: float
    alignment: int
    batch_size: int


@dataclass(frozen=True)
class Axis:
    """One side of a picture, as `zoo.translation.tiling.TiledAxis` divides it.

    Args:
        starts: int32 (n,).
        weights: float32 (n, size).
        mirrored: int32 (padded length,), which pixel of the picture stands at each.
        first: where the picture begins, int32 scalar.
    """

    starts: Any
    weights: Any
    mirrored: Any
    first: Any


def tiled_axis(length: Any, size: int, overlap: float, alignment: int) -> Axis:
    """Divide a side of a length that is known when the graph runs.

    Args:
        length: int32 scalar, at least 1.
        size: pixels of a tile.
        overlap: as `TiledAxis` takes it.
        alignment: the same.
    """
    before = tf.maximum(0, size - length) // 2
    last = -(tf.maximum(0, length - size) // -alignment)
    stride = max(1, math.floor(size * (1 - overlap) / alignment))
    count = -(last // -stride) + 1
    padded = size + last * alignment
    # In float64, and to the nearest even number, as Python rounds.
    most = tf.cast(tf.maximum(1, count - 1), tf.float64)
    even = tf.cast(last, tf.float64) * tf.cast(tf.range(count), tf.float64) / most
    starts = tf.cast(tf.round(even), tf.int32) * alignment
    return Axis(
        starts,
        _weights(starts, size, padded),
        _mirrored(tf.range(padded) - before, length),
        before,
    )


def translate(
    stored: Any,
    tiling: Tiling,
    forward: Callable[[Any], Any],
    finish: Callable[[Any], Any],
    *,
    depth: int,
    channels: int,
    dtype: str,
) -> Any:
    """Translate one picture tile by tile; of floats only one band of tiles is held.

    Args:
        stored: (height, width, channels), as in files.
        tiling: where the tiles lie.
        forward: paints tiles (k, height, width, channels), as in files, to float32 (k, height, width, depth).
        finish: turns float32 (height, width, depth) into the values of files.
        depth: that the network paints.
        channels: of what `finish` returns.
        dtype: of what `finish` returns.

    Returns:
        (height, width, channels), what `finish` returns.
    """
    height, width = tiling.size
    shape = tf.shape(stored)
    rows = tiled_axis(shape[0], height, tiling.overlap, tiling.alignment)
    columns = tiled_axis(shape[1], width, tiling.overlap, tiling.alignment)
    frame = tf.gather(tf.gather(stored, rows.mirrored), columns.mirrored, axis=1)
    count = tf.size(rows.starts)
    # What lies below each row of tiles but is not reached by the next.
    below = tf.concat([rows.starts[1:], tf.shape(frame)[:1]], 0)
    # The band lies on its side, so that a tile's columns are places of its first axis.
    band = tf.zeros((tf.shape(frame)[1], height, depth))

    def paint_row(row: Any, band: Any, done: Any) -> tuple[Any, Any, Any]:
        top = rows.starts[row]
        strip = frame[top : top + height]

        def paint_tiles(column: Any, band: Any) -> tuple[Any, Any]:
            chosen = slice(column, column + tiling.batch_size)
            places = columns.starts[chosen][:, None] + tf.range(width)
            tiles = tf.transpose(tf.gather(strip, places, axis=1), (1, 0, 2, 3))
            tiles = tf.ensure_shape(tiles, (None, height, width, stored.shape[2]))
            weights = rows.weights[row][:, None] * columns.weights[chosen][:, None, :]
            weighted = tf.transpose(forward(tiles) * weights[..., None], (0, 2, 1, 3))
            band = tf.tensor_scatter_nd_add(band, places[..., None], weighted)
            return column + tiling.batch_size, band

        _, band = tf.while_loop(
            lambda column, _: column < tf.size(columns.starts),
            paint_tiles,
            (0, band),
            shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, height, depth])),
            parallel_iterations=1,
        )
        step = below[row] - top
        done = done.write(row, finish(tf.transpose(band[:, :step], (1, 0, 2))))
        fresh = tf.zeros((tf.shape(band)[0], step, depth))
        band = tf.ensure_shape(tf.concat([band[:, step:], fresh], 1), (None, height, depth))
        return row + 1, band, done

    done = tf.TensorArray(
        dtype, count, infer_shape=False, element_shape=tf.TensorShape([None, None, channels])
    )
    _, _, done = tf.while_loop(
        lambda row, *_: row < count,
        paint_row,
        (0, band, done),
        shape_invariants=(
            tf.TensorShape([]),
            tf.TensorShape([None, height, depth]),
            tf.TensorShape(None),
        ),
        parallel_iterations=1,
    )
    top, left = rows.first, columns.first
    whole = done.concat()[top : top + shape[0], left : left + shape[1]]
    return tf.ensure_shape(whole, (None, None, channels))


def _weights(starts: Any, size: int, padded: Any) -> Any:
    """Return a window for each tile, float32 (n, size); at every pixel they sum to 1."""
    common = starts[:-1] + size - starts[1:]
    places = tf.range(size)[None]
    rising = _rise(tf.concat([[0], common], 0)[:, None], places)
    following = tf.concat([common, [0]], 0)[:, None]
    place = places - (size - following)
    falling = tf.where(place < 0, np.float64(1), 1 - _rise(following, place))
    windows = rising * falling
    at = tf.reshape(starts[:, None] + places, [-1])
    total = tf.math.unsorted_segment_sum(tf.reshape(windows, [-1]), at, padded)
    return tf.cast(windows / tf.reshape(tf.gather(total, at), tf.shape(windows)), tf.float32)


def _rise(overlap: Any, place: Any) -> Any:
    """Return the weight of the following tile at a place of an overlap, float64."""
    margin = overlap // 4
    middle = overlap - 2 * margin
    share = tf.cast(place - margin, tf.float64) + 0.5
    share = share / tf.cast(tf.maximum(1, middle), tf.float64)
    rise = tf.sin(np.pi / 2 * tf.clip_by_value(share, 0, 1)) ** 2
    return tf.where(overlap == 0, np.float64(1), rise)


def _mirrored(place: Any, length: Any) -> Any:
    """Return the pixel of a side that stands at places beyond its ends, as often mirrored as it takes."""
    period = tf.maximum(1, 2 * (length - 1))
    place = place % period
    return tf.minimum(place, period - place) % length
