"""Keeping freed memory in the process, so that every step does not ask the system for it again."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# From glibc's malloc.h; other C libraries have no mallopt, and nothing to set.
M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
MOST = 2**31 - 1


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep freed memory for the next step; say whether that was possible.

    A training step frees and allocates hundreds of megabytes. By default glibc gives large blocks back to the system
    at once and each step pays for fresh, zeroed pages: on two cores that took more than half of the time of a step on
    TensorFlow, whenever `fit` read its batches from a Python sequence.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_MAX, 0)) and bool(mallopt(M_TRIM_THRESHOLD, MOST))
