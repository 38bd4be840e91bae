"""Running converters and runtimes: what they chat is kept quiet, what they fail at is told in one line."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import ZooError

LONGEST_REASON = 300


@contextlib.contextmanager
def converting(format_name: str) -> Iterator[None]:
    """Run a converter quietly.

    Raises:
        ZooError: if it fails, with the first line of its reason.
    """
    try:
        with quietly():
            yield
    except ZooError:
        raise
    # Converters raise whatever their libraries do.
    except Exception as error:
        raise ZooError(
            f"the network cannot be written as {format_name}; its converter says: {_reason(error)}"
        ) from error


@contextlib.contextmanager
def opening(runtime_name: str, file: Path) -> Iterator[None]:
    """Open a file with its runtime, quietly.

    Raises:
        ZooError: if that fails, with the first line of its reason.
    """
    try:
        with quietly():
            yield
    # Runtimes raise whatever their libraries do.
    except Exception as error:
        raise ZooError(f"{runtime_name} cannot open {file}: {_reason(error)}") from error


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Drop what is printed, logged below an error, and warned, also by libraries that are not Python.

    It concerns the whole process: no other thread should have something to say meanwhile.
    """
    before = logging.root.manager.disable
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(_without_descriptors(1, 2))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.callback(logging.disable, before)
        logging.disable(max(before, logging.WARNING))
        yield


@contextlib.contextmanager
def _without_descriptors(*descriptors: int) -> Iterator[None]:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = {descriptor: os.dup(descriptor) for descriptor in descriptors}
    # A file and not the null device, for libraries that ask for the position.
    with tempfile.TemporaryFile() as nowhere:
        for descriptor in descriptors:
            os.dup2(nowhere.fileno(), descriptor)
        try:
            yield
        finally:
            for descriptor, copy in kept.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    first = next(filter(None, lines), "") or type(error).__name__
    return first if len(first) <= LONGEST_REASON else first[: LONGEST_REASON - 1] + "…"
