"""The reference implementation's arrays: reading them, and putting its weights into our networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        return dict(arrays)


def below(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The entries under `prefix/`, without it."""
    start = f"{prefix}/"
    return {
        key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)
    }


def pictures(nchw: np.ndarray) -> np.ndarray:
    """NCHW of any float type to NHWC float32."""
    return np.moveaxis(nchw.astype("float32"), -3, -1)


def unet_modules(depth: int) -> Iterator[tuple[str, str]]:
    """(our layer, reference module) for every layer of a U-Net with weights."""
    block = "model.model"
    for level in range(1, depth + 1):
        if level == 1:
            yield "down1_conv", f"{block}.0"
            yield "up1_conv", f"{block}.3"
            block += ".1.model"
        else:
            yield f"down{level}_conv", f"{block}.1"
            if level < depth:
                yield f"down{level}_norm", f"{block}.2"
            up = 3 if level == depth else 5
            yield f"up{level}_conv", f"{block}.{up}"
            yield f"up{level}_norm", f"{block}.{up + 1}"
            block += ".3.model"


def patchgan_modules(layers: int) -> Iterator[tuple[str, str]]:
    """(our layer, reference module) for every layer of a PatchGAN with weights."""
    yield "layer1_conv", "model.0"
    for layer in range(2, layers + 2):
        index = 2 + 3 * (layer - 2)
        yield f"layer{layer}_conv", f"model.{index}"
        yield f"layer{layer}_norm", f"model.{index + 1}"
    yield f"layer{layers + 2}_conv", f"model.{2 + 3 * layers}"


def modules(network: keras.Model) -> Iterator[tuple[str, str]]:
    if network.name == "unet":
        depth = sum(layer.name.endswith("conv") for layer in network.layers) // 2
        return unet_modules(depth)
    layers = sum(layer.name.endswith("conv") for layer in network.layers) - 2
    return patchgan_modules(layers)


def reference_weights(
    network: keras.Model, state: Mapping[str, np.ndarray]
) -> Iterator[tuple[keras.Variable, np.ndarray]]:
    """Each variable of our network with the reference's value in our layout; all values are used."""
    used = set()
    layers = {layer.name: layer for layer in network.layers}
    for name, module in modules(network):
        # Networks without normalisation have no such layer.
        for variable in layers[name].weights if name in layers else ():
            key = f"{module}.{_NAMES[variable.name]}"
            used.add(key)
            value = state[key]
            if value.ndim == 4:
                # OIHW to HWIO, and IOHW to HWOI for transposed convolutions: the same permutation.
                value = value.transpose(2, 3, 1, 0)
            yield variable, value
    left = {key for key in state if not key.endswith("num_batches_tracked")} - used
    assert not left, f"weights without a place: {sorted(left)}"


_NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def load_reference(network: keras.Model, state: Mapping[str, np.ndarray]) -> None:
    loaded = set()
    for variable, value in reference_weights(network, state):
        assert variable.shape == value.shape, variable.path
        variable.assign(value)
        loaded.add(id(variable))
    assert loaded == {id(variable) for variable in network.weights}
