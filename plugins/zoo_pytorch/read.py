"""Reading PyTorch's files as names and arrays, without running anything that is in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo import ZooError

# What training scripts call the weights of a network among other things that they save.
WRAPPERS = ("state_dict", "model_state_dict")
MOST_NAMES = 6


def read_state_dict(path: str | Path) -> dict[str, np.ndarray]:
    """Read the weights of a network from a PyTorch checkpoint, in any format of `torch.save`.

    The file is read by `torch.load(weights_only=True)`, which executes nothing from it. That needs the extra `torch`;
    PyTorch may be installed for the CPU alone.

    Args:
        path: a file that holds `network.state_dict()`, alone or as `state_dict` or `model_state_dict` among
            other things.

    Returns:
        Arrays by PyTorch's names and in its layouts, floats as float32.

    Raises:
        ZooError: if PyTorch is missing, or the file cannot be read or holds something else.
    """
    path = Path(path)
    weights = _find_weights(path, _load(path))
    return {name: _array(tensor) for name, tensor in weights.items()}


def _load(path: Path) -> Any:
    if path.is_dir():
        raise ZooError(f"{path} is a folder; name a checkpoint in it, such as latest_net_G.pth")
    if not path.is_file():
        raise ZooError(f"the file {path} does not exist")
    try:
        import torch
    except ImportError as error:
        raise ZooError(
            f"reading {path} needs PyTorch, which is not installed; install it with: pip install 'pix2pix-zoo[torch]'"
        ) from error
    from pickle import UnpicklingError

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        # PyTorch's words for a class or function that it does not know to be harmless.
        if "GLOBAL" in str(error):
            raise ZooError(
                f"{path} holds Python objects beside arrays, which could run code when they are loaded, and was not "
                "loaded; where it was made, save the weights alone: torch.save(network.state_dict(), path)"
            ) from error
        raise _unreadable(path) from error
    # A damaged file leads PyTorch into all of these.
    except (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError) as error:
        raise _unreadable(path, str(error)) from error


def _unreadable(path: Path, reason: str = "") -> ZooError:
    told = f" ({reason.splitlines()[0]})" if reason else ""
    return ZooError(
        f"{path} is no PyTorch checkpoint, or a damaged one{told}; expected a file such as latest_net_G.pth"
    )


def _find_weights(path: Path, loaded: Any) -> Mapping[str, Any]:
    if isinstance(loaded, Mapping):
        for name in WRAPPERS:
            if isinstance(loaded.get(name), Mapping):
                loaded = loaded[name]
                break
        others = [str(name) for name, item in loaded.items() if not _is_weight(name, item)]
        if loaded and not others:
            weights: Mapping[str, Any] = loaded
            return weights
        more = ", …" if len(others) > MOST_NAMES else ""
        found = f"a dict with {', '.join(others[:MOST_NAMES])}{more}" if others else "an empty dict"
    else:
        found = f"an object of type {type(loaded).__name__}"
    raise ZooError(
        f"{path} holds {found}; expected the weights of one network by name, as network.state_dict() returns them"
    )


def _is_weight(name: Any, item: Any) -> bool:
    import torch

    return isinstance(name, str) and isinstance(item, torch.Tensor)


def _array(tensor: Any) -> np.ndarray:
    tensor = tensor.detach()
    if tensor.is_floating_point():
        tensor = tensor.float()
    array: np.ndarray = tensor.numpy()
    return array
