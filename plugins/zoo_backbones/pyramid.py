"""The feature maps of a network by level: level n is 2 ** n times smaller than the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras


def with_junctions(network: keras.Model) -> keras.Model:
    """Return the network with other outputs: all places of its graph through which everything passes, in order.

    The last of them before height and width are halved is what U-Nets take for their skips: the sum at the end of a
    residual stack, the widest layer of a MobileNet's block.

    Args:
        network: a functional network with one input and one output; the result shares its weights.
    """
    steps: list[tuple[list[Any], list[Any]]] = []

    def watched(operation: Any, *args: Any, **kwargs: Any) -> Any:
        found = operation(*args, **kwargs)
        steps.append((_tensors((args, kwargs)), _tensors(found)))
        return found

    copy = keras.models.clone_model(
        network, clone_function=lambda layer: layer, call_function=watched
    )
    last_use = {id(tensor): step for step, (used, _) in enumerate(steps) for tensor in used}
    alive: set[int] = set()
    found = []
    for step, (_, made) in enumerate(steps):
        alive |= {id(tensor) for tensor in made}
        alive = {tensor for tensor in alive if last_use.get(tensor, len(steps)) > step}
        if alive == {id(made[0])}:
            found.append(made[0])
    return keras.Model(copy.input, found)


def _tensors(values: Any) -> list[Any]:
    return [item for item in keras.tree.flatten(values) if isinstance(item, keras.KerasTensor)]


def positions_by_level(network: keras.Model) -> Mapping[int, int]:
    """Return which of a network's outputs is the feature map of each level, by level.

    Of several maps of one level it is the last, which is the deepest. The libraries' own numbers are of no use: some
    count levels from 1 at a quarter of the size.

    Args:
        network: a network of fixed input size with feature maps as outputs, from the picture inwards.
    """
    height, width, channels = network.input_shape[1:]
    found = {}
    for position, shape in enumerate(_shapes(network)):
        if len(shape) != 4 or not shape[1] or not shape[2]:
            continue
        level = (height // shape[1]).bit_length() - 1
        scaled_picture = level == 0 and shape[3] == channels
        if shape[1:3] == (height / 2**level, width / 2**level) and not scaled_picture:
            found[level] = position
    return found


def _shapes(network: keras.Model) -> Sequence[tuple[int | None, ...]]:
    return [output.shape for output in network.outputs]
