"""One thread that runs the network, over pictures of several requests at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoo_web.service.errors import DroppedError


@dataclass
class Ticket:
    """A request that was let in.

    Args:
        deadline: when it must be answered, in the event loop's time.
        dropped: whether nobody waits for it any more.
        held: bytes of its body in memory.
    """

    deadline: float
    dropped: bool = False
    held: int = 0

    def check(self) -> None:
        """Go on only if somebody waits.

        Raises:
            DroppedError: if nobody does.
        """
        if self.dropped:
            raise DroppedError


@dataclass(frozen=True)
class _Chunk:
    pictures: np.ndarray
    ticket: Ticket
    # What is done with them alone; None has the network paint them with those of others.
    alone: Callable[[np.ndarray], Any] | None = None
    answer: Future[Any] = field(default_factory=Future)


class Batcher:
    """Calls a network from one thread, with what several others ask of it put together.

    Requests take turns: each has one chunk waiting at a time, and chunks are taken in their order.

    Args:
        network: takes pictures (N, H, W, C), answers (N, H, W, D); of a Keras model `predict_on_batch` is called.
        batch_size: most pictures in one call, unless one chunk has more.
        observe: told the number of pictures before each call; its answer is called afterwards.
    """

    def __init__(
        self,
        network: Callable[[np.ndarray], Any],
        batch_size: int,
        observe: Callable[[int], Callable[[], None]],
    ) -> None:
        self._network = getattr(network, "predict_on_batch", network)
        self._batch_size = batch_size
        self._observe = observe
        self._chunks: deque[_Chunk] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="zoo-network", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread after what it is at; what waits is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def paint(self, pictures: np.ndarray, ticket: Ticket) -> np.ndarray:
        """Run the network on pictures and wait for the answer; called by any thread.

        Raises:
            DroppedError: if nobody waits for them any more.
        """
        painted: np.ndarray = self._answer(_Chunk(pictures, ticket))
        return painted

    def alone(
        self, action: Callable[[np.ndarray], Any], pictures: np.ndarray, ticket: Ticket
    ) -> Any:
        """Do something else with pictures in the network's thread, and return what it answers; see `paint`."""
        return self._answer(_Chunk(pictures, ticket, action))

    def _answer(self, chunk: _Chunk) -> Any:
        chunk.ticket.check()
        with self._changed:
            if self._closed:
                raise DroppedError
            self._chunks.append(chunk)
            self._changed.notify()
        return chunk.answer.result()

    def _work(self) -> None:
        while taken := self._take():
            sizes = [len(chunk.pictures) for chunk in taken]
            done = self._observe(sum(sizes))
            try:
                answers = self._answers(taken, sizes)
            except Exception as error:  # The threads that asked raise it.
                for chunk in taken:
                    chunk.answer.set_exception(error)
            else:
                for chunk, answer in zip(taken, answers, strict=True):
                    chunk.answer.set_result(answer)
            done()

    def _answers(self, taken: list[_Chunk], sizes: list[int]) -> list[Any]:
        first = taken[0]
        if first.alone is not None:
            return [first.alone(first.pictures)]
        pictures = [chunk.pictures for chunk in taken]
        joined = pictures[0] if len(pictures) == 1 else np.concatenate(pictures)
        painted = np.asarray(self._network(joined))
        if painted.shape[:-1] != joined.shape[:-1]:
            raise RuntimeError(
                f"the network answered {painted.shape} to pictures of {joined.shape}"
            )
        return np.split(painted, np.cumsum(sizes)[:-1])

    def _take(self) -> list[_Chunk]:
        """Wait for chunks and take those of one call; none at the end."""
        with self._changed:
            while True:
                taken: list[_Chunk] = []
                while self._chunks and self._joins(self._chunks[0], taken):
                    chunk = self._chunks.popleft()
                    if chunk.ticket.dropped or self._closed:
                        chunk.answer.set_exception(DroppedError())
                    else:
                        taken.append(chunk)
                if taken or self._closed:
                    return taken
                self._changed.wait()

    def _joins(self, chunk: _Chunk, taken: list[_Chunk]) -> bool:
        if not taken:
            return True
        if chunk.alone is not None or taken[0].alone is not None:
            return False
        count = sum(len(other.pictures) for other in taken)
        return count + len(chunk.pictures) <= self._batch_size
