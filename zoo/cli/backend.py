"""Choosing the backend that a command needs."""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar

# Whether this is the program `zoo`, which may start anew; a host of `main` may not.
IS_PROGRAM: ContextVar[bool] = ContextVar("is_program", default=False)
RESTARTED = "ZOO_RESTARTED"


def use_backend(name: str) -> None:
    """Have Keras run on a backend.

    Keras chooses its backend when it is imported, and a plugin given by `--plugin` may have imported it already: then
    the program starts anew, once, before it has done anything.

    Args:
        name: `tensorflow`, `jax` or `torch`.
    """
    os.environ["KERAS_BACKEND"] = name
    keras = sys.modules.get("keras")
    if keras is None or not IS_PROGRAM.get() or RESTARTED in os.environ:
        return
    if keras.backend.backend() != name:
        os.environ[RESTARTED] = "1"
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
