"""Finding out which network of the reference implementation a state dict belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from zoo import ZooError
from zoo_pytorch.clean import clean, has_unused_statistics
from zoo_pytorch.layers import (
    Layers,
    patchgan_layers,
    pixelgan_layers,
    resnet_layers,
    unet_layers,
)

State = Mapping[str, np.ndarray]

GENERATORS = ("unet", "resnet")
# Where the convolutions stand in a residual block, and what that says of its padding and dropout.
BLOCKS = {
    (1, 5): ("reflect", 0.0),
    (1, 6): ("reflect", 0.5),
    (0, 3): ("zero", 0.0),
    (0, 4): ("zero", 0.5),
}
FIRST_BLOCK = "model.10.conv_block."
NORM_VALUES = ("weight", "bias", "running_mean", "running_var")
MOST_NAMES = 6


@dataclass(frozen=True)
class Recognised:
    """A network of the reference implementation.

    Args:
        architecture: name of the component that builds it.
        arguments: that component's arguments.
        input_channels: channels of the source picture; of a discriminator, of all that it judges.
        output_channels: channels of the painted picture; 1 of a discriminator.
        layers: the reference's module of each of our layers.
        drops_statistics: whether the file holds running statistics of instance norm, which nothing uses.
    """

    architecture: Literal["unet", "resnet", "patchgan", "pixelgan"]
    arguments: dict[str, Any]
    input_channels: int
    output_channels: int
    layers: dict[str, str]
    drops_statistics: bool = field(default=False, compare=False)

    @property
    def is_generator(self) -> bool:
        """Whether it paints pictures."""
        return self.architecture in GENERATORS

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.arguments.items())
        channels = f"{self.input_channels} to {self.output_channels} channels"
        return f"{self.architecture} ({told}), {channels}"


def recognise(state: State) -> Recognised:
    """Find out architecture and arguments from names and shapes alone.

    The dropout of a U-Net leaves no trace in its weights; the reference trains pix2pix with it, so it is taken to
    be there. Whether every shape fits is found out when the weights are loaded.

    Args:
        state: arrays by PyTorch's names, as `read_state_dict` returns them.

    Raises:
        ZooError: if it is no network of the reference; tells the names that are missing or do not belong.
    """
    found = _recognise(clean(state))
    return replace(found, drops_statistics=has_unused_statistics(state))


def _recognise(state: State) -> Recognised:
    if "model.model.0.weight" in state:
        return _unet(state)
    if any(name.startswith(FIRST_BLOCK) for name in state):
        return _resnet(state)
    if "model.0.weight" in state:
        return _patchgan(state)
    if "net.0.weight" in state:
        return _pixelgan(state)
    raise ZooError(
        "these are not the weights of a network of the reference implementation: expected its U-Net "
        "(model.model.0.weight, …), ResNet (model.10.conv_block.1.weight, …), PatchGAN (model.0.weight, …) or pixel "
        f"discriminator (net.0.weight, …), but found {_listed(state)}"
    )


def _unet(state: State) -> Recognised:
    depth, block = 2, "model.model.1.model.3.model"
    while f"{block}.1.weight" in state:
        depth, block = depth + 1, f"{block}.3.model"
    layers = _checked(state, unet_layers(depth), f"a U-Net of depth {depth}")
    filters, inputs, *_ = state["model.model.0.weight"].shape
    arguments = {
        "depth": depth,
        "filters": filters,
        "norm": _norm(state, layers, "up2"),
        "dropout": 0.5,
    }
    return Recognised("unet", arguments, inputs, state["model.model.3.weight"].shape[1], layers)


def _resnet(state: State) -> Recognised:
    blocks = len({name.split(".")[1] for name in state if ".conv_block." in name})
    title = f"a ResNet of {blocks} blocks"
    kernels = [
        name.removeprefix(FIRST_BLOCK)
        for name, value in state.items()
        if name.startswith(FIRST_BLOCK) and value.ndim == 4
    ]
    places = next((p for p in BLOCKS if set(kernels) == {f"{place}.weight" for place in p}), None)
    if places is None:
        expected = " or ".join(f"{first} and {second}" for first, second in BLOCKS)
        raise ZooError(
            f"these look like the weights of {title} of the reference implementation, but the kernels of a block are "
            f"{_listed(kernels)}; expected two, numbered {expected}"
        )
    layers = _checked(state, resnet_layers(blocks, places), title)
    filters, inputs, *_ = state["model.1.weight"].shape
    padding, dropout = BLOCKS[places]
    arguments = {
        "blocks": blocks,
        "filters": filters,
        "norm": _norm(state, layers, "first"),
        "dropout": dropout,
        "padding": padding,
    }
    outputs = state[f"{layers['last_conv']}.weight"].shape[0]
    return Recognised("resnet", arguments, inputs, outputs, layers)


def _patchgan(state: State) -> Recognised:
    count = max(1, sum(value.ndim == 4 for value in state.values()) - 2)
    layers = _checked(state, patchgan_layers(count), f"a PatchGAN of {count} layers")
    filters, inputs, *_ = state["model.0.weight"].shape
    arguments = {"layers": count, "filters": filters, "norm": _norm(state, layers, "layer2")}
    return Recognised("patchgan", arguments, inputs, 1, layers)


def _pixelgan(state: State) -> Recognised:
    layers = _checked(state, pixelgan_layers(), "a pixel discriminator")
    filters, inputs, *_ = state["net.0.weight"].shape
    arguments = {"filters": filters, "norm": _norm(state, layers, "layer2")}
    return Recognised("pixelgan", arguments, inputs, 1, layers)


def _norm(state: State, layers: Mapping[str, str], layer: str) -> str:
    """Tell the normalisation by a layer that has one.

    Batch norm has weights. Instance norm has none, but the reference gives a bias to the convolution before it.
    """
    if f"{layers[f'{layer}_norm']}.weight" in state:
        return "batch"
    return "instance" if f"{layers[f'{layer}_conv']}.bias" in state else "none"


def _checked(state: State, layers: Layers, title: str) -> dict[str, str]:
    """Return the layers if they and the state dict have the same modules; biases are seen to at loading.

    Raises:
        ZooError: if names are missing or do not belong, or a kernel is none.
    """
    convolutions = {module for layer, module in layers if "_conv" in layer}
    norms = {module for layer, module in layers if "_norm" in layer}
    needed = {f"{module}.weight" for module in convolutions}
    if any(name.rpartition(".")[0] in norms for name in state):
        needed |= {f"{module}.{value}" for module in norms for value in NORM_VALUES}
    allowed = needed | {f"{module}.bias" for module in convolutions}
    problems = []
    if missing := needed - set(state):
        problems.append(f"it lacks {_listed(missing)}")
    if foreign := set(state) - allowed:
        problems.append(f"no place is known for {_listed(foreign)}")
    kernels = {f"{module}.weight" for module in convolutions} & set(state)
    if flat := {name for name in kernels if state[name].ndim != 4}:
        problems.append(f"{_listed(flat)} are no kernels")
    if problems:
        raise ZooError(
            f"these look like the weights of {title} of the reference implementation, but {', and '.join(problems)}"
        )
    return dict(layers)


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f", … ({len(ordered)} in all)" if len(ordered) > MOST_NAMES else ""
    return ", ".join(ordered[:MOST_NAMES]) + more if ordered else "nothing"
