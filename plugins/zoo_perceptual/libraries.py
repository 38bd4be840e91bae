"""Importing PyTorch's libraries when they are needed, and saying what to install."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

from zoo import ZooError
from zoo_perceptual import EXTRA

INSTALL = f"pip install '{EXTRA}'"
# What torchvision describes to PyTorch's compiler even if it could not load it.
DESCRIBED = ("nms", "qnms")
SCHEMA = "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor"


def imported(module: str) -> Any:
    """Import a module of torch, torchvision, torch_fidelity or torchmetrics.

    Raises:
        ZooError: if its library is not installed, with the command that installs it, or if it cannot be imported.
    """
    for library in ("torch", "torchvision", module.partition(".")[0]):
        if importlib.util.find_spec(library) is None:
            raise ZooError(
                f"perceptual metrics need the library {library}, which is not installed; install it with: {INSTALL}"
            )
    try:
        _import_torchvision()
        return importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ZooError(
            f"{module} is installed but cannot be imported: {reason}; see that torch and torchvision are of versions "
            "that belong together"
        ) from error


def _import_torchvision() -> None:
    """Import torchvision, also beside a PyTorch that its compiled operators were not built for.

    PyPI's torchvision for Linux is built for PyTorch with CUDA. Beside PyTorch for the CPU its operators cannot be
    loaded, and it fails to describe them. Its networks, all that is used here, need none of them: they are declared, so
    that it is imported, and fail only where they are called.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.startswith("torchvision.")]:
            del sys.modules[name]
        library = importlib.import_module("torch").library
        for operator in DESCRIBED:
            library.define(f"torchvision::{operator}", SCHEMA)
        importlib.import_module("torchvision")
