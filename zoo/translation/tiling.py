"""Where overlapping tiles lie along one side of a picture, and how they fade into each other."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

# A network whose smallest layer is coarser than this share of a tile sees the whole tile everywhere.
COARSEST = 8


class TiledAxis:
    """Tiles along one side of a picture: evenly spread, the first flush with the beginning.

    A side shorter than a tile is continued at both ends; one as long as a tile is one tile with
    the weight 1. Where two tiles overlap, the outermost quarter of the overlap has no weight in the tile that
    ends there, and they fade into each other over the middle half: what a network paints near the border of a tile,
    where it sees no farther, is left out, if it sees no farther than that quarter. At the ends of the side a
    tile has its full weight.

    Args:
        length: pixels of the side, at least 1.
        size: pixels of a tile.
        overlap: least share of a tile in common with the next, in [0, 1).
        alignment: tiles start at multiples of it, so that layers of a network with strides lie alike in
            all of them; the side is continued at its end where that needs it. Tiles then share as
            much as `overlap` says only if it is at most `size * (1 - overlap)`.
    """

    def __init__(self, length: int, size: int, overlap: float, alignment: int = 1) -> None:
        missing = max(0, size - length)
        # In steps of the alignment.
        last = math.ceil(max(0, length - size) / alignment)
        stride = max(1, math.floor(size * (1 - overlap) / alignment))
        count = math.ceil(last / stride) + 1
        self.length = size + last * alignment
        """Pixels of the padded side."""
        before = missing // 2
        self.padding = (before, self.length - length - before)
        """Pixels to add before and after."""
        self.starts = [
            round(last * index / max(1, count - 1)) * alignment for index in range(count)
        ]
        """The first pixel of each tile."""
        windows = [np.ones(size) for _ in self.starts]
        for index, (start, following) in enumerate(pairwise(self.starts)):
            rise = _rise(start + size - following)
            windows[index][size - len(rise) :] *= 1 - rise
            windows[index + 1][: len(rise)] *= rise
        # With more than half in common, more than two tiles meet.
        total = np.zeros(self.length)
        for start, window in zip(self.starts, windows, strict=True):
            total[start : start + size] += window
        self.weights = [
            (window / total[start : start + size]).astype(np.float32)
            for start, window in zip(self.starts, windows, strict=True)
        ]
        """A window for each tile, float32 (size,); at every pixel they sum to 1."""


def _rise(overlap: int) -> np.ndarray:
    """Return the weights of the following tile where two have so many pixels in common."""
    margin = overlap // 4
    middle = overlap - 2 * margin
    rise = np.ones(overlap)
    rise[:margin] = 0
    rise[margin : margin + middle] = np.sin(np.pi / 2 * (np.arange(middle) + 0.5) / middle) ** 2
    return rise


def alignment_of(network: Any) -> int:
    """Return what tiles have to start at multiples of, so that a network's strides lie alike in all of them.

    It is the ratio of the network's height to that of its smallest layer, the product of its strides. Where that is
    more than an eighth of the height, as in a U-Net down to one pixel, every pixel painted depends on the whole
    tile anyway, and the answer is 1.

    Args:
        network: a functional Keras model of a fixed height and width, which may hold others; of anything else it is 1.
    """
    shape = getattr(network, "input_shape", None)
    if not _is_graph(network) or not isinstance(shape, tuple) or None in shape[1:]:
        return 1
    ratio = round(shape[1] / min([shape[1], *_heights(network, [(1, *shape[1:])])]))
    return ratio if ratio * COARSEST <= shape[1] else 1


def _heights(network: Any, shapes: list[tuple[int, ...]]) -> list[int]:
    """Return the heights of all layers' outputs of four axes, given the shapes of the inputs."""
    import keras

    found: list[int] = []

    def note(layer: Any, *arguments: Any, **options: Any) -> Any:
        if _is_graph(layer):
            found.extend(_heights(layer, _shapes(arguments)))
        result = layer(*arguments, **options)
        # Operations that are no layers may cut slices off, which say nothing about strides.
        if isinstance(layer, keras.layers.Layer):
            found.extend(shape[1] for shape in _shapes(result) if len(shape) == 4)
        return result

    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs, network.outputs)

    inputs = keras.tree.pack_sequence_as(
        network.input, [keras.Input(batch_shape=shape) for shape in shapes]
    )
    # The only public way through a graph: each layer stands for itself in the copy.
    keras.models.clone_model(
        network, input_tensors=inputs, clone_function=lambda layer: layer, call_function=note
    )
    return found


def _is_graph(network: Any) -> bool:
    # What functional and sequential models have, and other models do not.
    return hasattr(network, "layers") and bool(getattr(network, "inputs", None))


def _shapes(tensors: Any) -> list[tuple[int, ...]]:
    import keras

    return [tuple(tensor.shape) for tensor in keras.tree.flatten(tensors)]
