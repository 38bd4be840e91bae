"""Whether this program is a notebook's kernel, and where it then prints."""

from __future__ import annotations

import sys
from typing import Any, TextIO


def in_notebook() -> bool:
    """Return whether what is displayed appears in a notebook: Jupyter, VS Code, Colab and their like."""
    return getattr(_shell(), "kernel", None) is not None


def told_to() -> TextIO:
    """Return where a training says what it does: standard error; in a notebook, which paints that red, the output."""
    return sys.stdout if in_notebook() else sys.stderr


def _shell() -> Any:
    # Only a program that runs in IPython has imported it.
    ipython = sys.modules.get("IPython")
    get = getattr(ipython, "get_ipython", None)
    return get() if get else None
