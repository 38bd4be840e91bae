"""What a state dict holds beside weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

PARALLEL = "module."
COUNTER = "num_batches_tracked"
BUFFERS = ("running_mean", "running_var")


def clean(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state dict without what is no weight of the network.

    That is the prefix that `torch.nn.DataParallel` puts before every name, the batch counters of batch norm, and the
    running statistics of instance norm, which old releases of PyTorch saved and which the reference ignores too.

    Args:
        state: arrays by PyTorch's names.
    """
    state = _without_prefix(state)
    return {
        name: array
        for name, array in state.items()
        if not name.endswith(f".{COUNTER}") and not _is_unused_statistic(name, state)
    }


def has_unused_statistics(state: Mapping[str, np.ndarray]) -> bool:
    """Return whether a state dict holds running statistics of instance norm.

    Args:
        state: arrays by PyTorch's names.
    """
    state = _without_prefix(state)
    return any(_is_unused_statistic(name, state) for name in state)


def _without_prefix(state: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    if state and all(name.startswith(PARALLEL) for name in state):
        return {name.removeprefix(PARALLEL): array for name, array in state.items()}
    return state


def _is_unused_statistic(name: str, state: Mapping[str, np.ndarray]) -> bool:
    module, _, value = name.rpartition(".")
    return value in BUFFERS and _follows_a_bias(module, state)


def _follows_a_bias(module: str, state: Mapping[str, np.ndarray]) -> bool:
    """Return whether a module without weights follows a convolution with a bias: then it is an instance norm."""
    within, _, index = module.rpartition(".")
    if f"{module}.weight" in state or not index.isdigit():
        return False
    return f"{within}.{int(index) - 1}.bias" in state
