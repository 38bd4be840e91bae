"""Importing a library that may not be installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from zoo_backbones.catalog.library import Library


def imported(library: Library) -> Any:
    """Import a library and return its module.

    Raises:
        ValueError: if it is not installed, with the command that installs it, or if it is broken.
    """
    if importlib.util.find_spec(library.needs) is None:
        raise ValueError(
            f"{library.title} is not installed; install it with: pip install '{library.extra}'"
        )
    try:
        return importlib.import_module(library.needs)
    except ImportError as error:
        raise ValueError(f"{library.title} is installed but cannot be imported: {error}") from error
