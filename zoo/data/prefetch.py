"""Results prepared in threads, a few ahead of the one that is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Prefetch(Generic[Key, Result]):
    """Calls a function of a key in threads before its result is needed.

    The function must depend on its key alone: then what comes does not depend on the threads.

    Args:
        work: makes the result of a key.
        workers: number of threads, at least 1.
    """

    def __init__(self, work: Callable[[Key], Result], workers: int) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="zoo-data")
        self._begun: dict[Key, Future[Result]] = {}
        self._lock = threading.Lock()

    def get(self, key: Key, following: Sequence[Key]) -> Result:
        """Return the result of `key`, and see to it that those of `following` are being made.

        What was begun for other keys is dropped. An error in the function is raised here, when its
        key is asked for.
        """
        with self._lock:
            before = self._begun
            ready = before.pop(key, None)
            self._begun = {
                coming: before[coming]
                if coming in before
                else self._pool.submit(self._work, coming)
                for coming in following
            }
            for dropped in before.keys() - self._begun.keys():
                before[dropped].cancel()
        return self._work(key) if ready is None else ready.result()
