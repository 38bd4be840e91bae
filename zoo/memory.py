"""What this machine's memory can hold, asked before anything large is made."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

# Of a weight in training: itself, its gradient and the two moments of Adam, as float32.
BYTES_PER_WEIGHT = 16
LIMIT_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def memory_bytes() -> int | None:
    """Return how much memory this machine, or this container, has; None if it does not say."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    try:
        limit = LIMIT_OF_CONTAINER.read_text(encoding="ascii").strip()
    except OSError:
        return found
    return min(found, int(limit)) if limit.isdigit() else found


def peak_memory_bytes() -> int | None:
    """Return the most memory that this process has held at once; None on systems that do not say, as Windows."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, all others kilobytes.
    return peak if sys.platform == "darwin" else peak * 1024


def require_memory(needed: int, what: str, instead: str) -> None:
    """Refuse what cannot fit into the memory of this machine, before the system ends the process for trying.

    Args:
        needed: bytes that it takes at least.
        what: what takes them, for the error.
        instead: what to use, for the error.

    Raises:
        ValueError: if this machine has less.
    """
    there = memory_bytes()
    if there is not None and needed > there:
        raise ValueError(
            f"{what} need at least {_gigabytes(needed)} of memory, but this machine has {_gigabytes(there)}; "
            f"use {instead}"
        )


def require_weights(kernels: Iterable[tuple[int, int, int]], what: str) -> None:
    """Refuse a network whose kernels cannot be trained within the memory of this machine.

    Args:
        kernels: height and width, input and output channels of each.
        what: the network, for the error.

    Raises:
        ValueError: if there are too many weights.
    """
    count = sum(size * size * inputs * outputs for size, inputs, outputs in kernels)
    require_memory(BYTES_PER_WEIGHT * count, f"the {count:.2g} weights of {what}", "fewer filters")


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.3g} GB"
