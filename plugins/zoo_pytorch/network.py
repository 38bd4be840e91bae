"""From a checkpoint of the reference implementation to one of our networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras

from zoo import ZooError
from zoo.networks import patchgan, pixelgan, resnet, unet
from zoo_pytorch.read import read_state_dict
from zoo_pytorch.recognise import Recognised, recognise
from zoo_pytorch.weights import load_state_dict

FACTORIES: dict[str, Callable[..., keras.Model]] = {
    "unet": unet,
    "resnet": resnet,
    "patchgan": patchgan,
    "pixelgan": pixelgan,
}
USUAL_SIZE = 256


def import_network(path: str | Path, *, size: int | None = None) -> keras.Model:
    """Build the network whose weights a checkpoint of the reference implementation holds.

    Its outputs equal those of the original in `eval()`; `zoo.models.inference.inference_network` makes one
    that keeps dropout and each picture's own statistics, as the reference's `test.py` does without `--eval`.

    Args:
        path: a file such as `latest_net_G.pth` or `latest_net_D.pth`; see `read_state_dict`.
        size: height and width of its pictures; None for 2 ** depth of a U-Net and 256 of any other network.

    Raises:
        ZooError: if the file cannot be read, is no network of the reference, or does not take that size.
    """
    return load_checkpoint(path, size=size)[1]


def load_checkpoint(path: str | Path, *, size: int | None = None) -> tuple[Recognised, keras.Model]:
    """Return what a checkpoint was recognised as, and the network with its weights.

    Args:
        path: as of `import_network`.
        size: as of `import_network`.

    Raises:
        ZooError: as `import_network`.
    """
    state = read_state_dict(path)
    try:
        found = recognise(state)
        network = build_network(found, size=size)
        load_state_dict(network, state)
    except ZooError as error:
        raise ZooError(f"{path}: {error}") from error
    return found, network


def build_network(found: Recognised, *, size: int | None = None) -> keras.Model:
    """Build a recognised network, with weights to be loaded.

    Args:
        found: what was recognised.
        size: as of `import_network`.

    Raises:
        ZooError: if it does not take that size.
    """
    if size is None:
        depth = found.arguments.get("depth")
        size = USUAL_SIZE if depth is None else 2**depth
    shape = (size, size, found.input_channels)
    channels = (found.output_channels,) if found.is_generator else ()
    try:
        return FACTORIES[found.architecture](shape, *channels, **found.arguments)
    except ValueError as error:
        # Its advice to build another network is of no use here.
        problem = str(error).partition(";")[0]
        raise ZooError(f"{problem}; choose another size") from error
