"""Putting the reference implementation's weights into our networks."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from zoo import ZooError
from zoo_pytorch.clean import clean
from zoo_pytorch.recognise import recognise

VALUES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
MOST_PROBLEMS = 3


def load_state_dict(network: keras.Model, state: Mapping[str, np.ndarray]) -> None:
    """Load the weights of the reference implementation into one of our networks of the same architecture.

    Every value must have its place and every weight its value; otherwise nothing is loaded.

    Args:
        network: a U-Net, ResNet, PatchGAN or pixel discriminator of `zoo.networks`.
        state: arrays by PyTorch's names and in its layouts, as `read_state_dict` returns them.

    Raises:
        ZooError: if they do not fit; tells the first weights that do not.
    """
    for variable, value in pair_weights(network, state):
        variable.assign(value)


def pair_weights(
    network: keras.Model, state: Mapping[str, np.ndarray]
) -> list[tuple[keras.Variable, np.ndarray]]:
    """Return every weight of a network with the reference's value, in our layout.

    Args:
        network: a network of `zoo.networks`.
        state: arrays by PyTorch's names and in its layouts.

    Raises:
        ZooError: if they do not fit; tells the first weights that do not.
    """
    modules = recognise(state).layers
    left = clean(state)
    pairs, problems = [], []
    for layer in network.layers:
        for variable in layer.weights:
            key = f"{modules.get(layer.name, '')}.{VALUES.get(variable.name, '')}"
            value = left.pop(key, None)
            place = f"{layer.name}/{variable.name}"
            if value is None:
                problems.append(f"there is nothing for {place}")
            elif _ours(value).shape != tuple(variable.shape):
                wanted = tuple(variable.shape)
                # As PyTorch would say it.
                wanted = (
                    tuple(wanted[axis] for axis in (3, 2, 0, 1)) if len(wanted) == 4 else wanted
                )
                problems.append(f"{key} is {value.shape}, but {place} takes {wanted}")
            else:
                pairs.append((variable, _ours(value)))
    problems += [f"there is no place for {key}" for key in left]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        told = "; ".join(problems[:MOST_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
        raise ZooError(f"the weights do not fit the network '{network.name}': {told}")
    return pairs


def _ours(value: np.ndarray) -> np.ndarray:
    # OIHW to HWIO, and for transposed convolutions IOHW to HWOI: the same permutation.
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
