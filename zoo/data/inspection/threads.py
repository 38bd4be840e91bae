"""The same work on many files, in threads, with a progress bar for people who watch."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")

# Files handed to a thread at a time: fewer cost more in handing over than in work on small files.
BLOCK = 32


def in_threads(
    work: Callable[[Item], Result], items: Sequence[Item], what: str
) -> Iterator[Result]:
    """Yield what a function returns for every item, in order.

    The progress bar goes to standard error, and only if that is a terminal.

    Args:
        work: called in threads; decoders run there without Python's global lock.
        items: what it is called with.
        what: is being done, for the progress bar.
    """
    with (
        tqdm(
            total=len(items), desc=what, unit=" files", leave=False, disable=not sys.stderr.isatty()
        ) as bar,
        ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="zoo-inspect") as pool,
    ):
        blocks = [items[first : first + BLOCK] for first in range(0, len(items), BLOCK)]
        for results in pool.map(lambda block: [work(item) for item in block], blocks):
            yield from results
            bar.update(len(results))
