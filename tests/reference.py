"""The reference implementation's arrays: reading them, and comparing our networks with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from keras import ops
from zoo_pytorch.network import build_network
from zoo_pytorch.recognise import recognise
from zoo_pytorch.weights import load_state_dict
from zoo_pytorch.weights import pair_weights as reference_weights

__all__ = [
    "GOLDEN",
    "below",
    "golden",
    "load_reference",
    "network_errors",
    "network_files",
    "pictures",
    "reference_weights",
]

GOLDEN = Path(__file__).parent / "golden"

load_reference = load_state_dict


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


def network_files() -> list[str]:
    """The names of all files with a network's weights, input and outputs."""
    return sorted(
        path.stem
        for kind in ("generator", "discriminator")
        for path in GOLDEN.glob(f"{kind}_*.npz")
    )


def network_errors(name: str) -> dict[str, float]:
    """The largest absolute error of our network's output, by phase, with the reference's weights and pictures."""
    arrays = golden(name)
    weights, source = below(arrays, "weights"), pictures(arrays["input"])
    found = recognise(weights)
    if found.is_generator:
        # It was off when these files were computed, which nothing in a U-Net's weights tells.
        found = replace(found, arguments={**found.arguments, "dropout": 0.0})
    network = build_network(found, size=source.shape[1])
    load_state_dict(network, weights)
    stride = int(arrays["output_stride"])
    errors = {}
    # Inference first: a call in training moves the running statistics.
    for phase, training in (("inference", False), ("training", True)):
        output = ops.convert_to_numpy(network(source, training=training))[:, ::stride, ::stride]
        expected = pictures(arrays[f"output_{phase}"])
        assert output.shape == expected.shape, name
        errors[phase] = float(np.abs(output - expected).max())
    return errors
