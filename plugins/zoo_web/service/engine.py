"""From a request let in to its result: a bounded queue, a few workers, one network, a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from starlette.requests import ClientDisconnect, Request

from zoo import Translator
from zoo_web.service.batcher import Batcher, Ticket
from zoo_web.service.errors import HTTPError, unavailable
from zoo_web.service.metrics import Metrics
from zoo_web.service.pixel_budget import PixelBudget
from zoo_web.service.served import Served
from zoo_web.service.settings import Settings

LOG = logging.getLogger("zoo_web.service")
Result = TypeVar("Result")
# Threads for what needs no network.
LIGHT_WORKERS = 2


@dataclass(frozen=True)
class Job:
    """What the work of a request is done with, in a thread of its own.

    Args:
        translator: translates; its network is shared with other requests.
        paint: runs the network on pictures of its size, float32 (N, H, W, C).
    """

    translator: Translator
    paint: Callable[[np.ndarray], np.ndarray]


class Engine:
    """Works at requests: a few at a time in threads, the others wait.

    Its memory is bounded by the requests that are let in, by the bytes of their bodies, and by the pixels that are
    worked at.

    Args:
        served: what translates.
        settings: the limits.
        metrics: what is counted.
    """

    def __init__(self, served: Served, settings: Settings, metrics: Metrics) -> None:
        self.ready = False
        self.stopping = False
        self.failure: Exception | None = None
        self._served = served
        self._settings = settings
        self._workers = ThreadPoolExecutor(settings.workers, thread_name_prefix="zoo-worker")
        self._light_workers = ThreadPoolExecutor(
            LIGHT_WORKERS, thread_name_prefix="zoo-light-worker"
        )
        height, width = served.size
        # Two of the largest, and what the workers may have of the network's size beside them.
        self.pixel_budget = PixelBudget(
            2 * settings.most_pixels + settings.workers * height * width
        )
        self._batcher = Batcher(
            served.translator.network, settings.batch_size, metrics.network_called
        )
        given = served.translator
        self._translator = Translator(
            self._paint,
            given.size,
            overlap=given.overlap,
            batch_size=settings.batch_size,
            channels=given.formats.source.depth,
            formats=given.formats,
            alignment=given.alignment,
            settle=None if served.settle is None else self._settle,
        )
        # The ticket of the request that a thread works at.
        self._current = threading.local()
        self._abandoned = asyncio.Event()
        self._in_flight = 0
        self._held = 0
        metrics.watch_queue(lambda: max(0, self._in_flight - settings.workers))

    async def start(self) -> None:
        """Start the threads, and translate a first picture, as runtimes make themselves ready by one."""
        self._batcher.start()
        ticket = Ticket(float("inf"))
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._workers, self._work, ticket, self._first)
        except Exception as error:
            LOG.exception("the first picture could not be translated")
            self.failure = error
        else:
            self.ready = True

    def _first(self, job: Job) -> None:
        height, width = self._served.size
        shape = (height, width, job.translator.formats.source.depth)
        job.translator(np.zeros(shape, np.float32))

    def stop(self) -> None:
        """Let no more requests in."""
        self.stopping = True

    def abandon(self) -> None:
        """Refuse what waits and what is worked at; called in the event loop."""
        self._abandoned.set()

    @property
    def idle(self) -> bool:
        """Whether no request is waiting or worked at."""
        return self._in_flight == 0

    def close(self) -> None:
        """End the threads; waits for what they are at."""
        self._batcher.close()
        for pool in (self._workers, self._light_workers):
            pool.shutdown(cancel_futures=True)

    @contextlib.asynccontextmanager
    async def admitted(self) -> AsyncIterator[Ticket]:
        """Let a request in, before its body is read.

        Raises:
            HTTPError: 503 if the server stops, or as many wait as may.
        """
        if self.stopping:
            raise unavailable("the server is stopping; ask again in a moment")
        if self._in_flight >= self._settings.queue + self._settings.workers:
            raise unavailable(
                f"{self._settings.queue} requests are waiting, as many as may; ask again in a moment"
            )
        ticket = Ticket(asyncio.get_running_loop().time() + self._settings.timeout)
        self._in_flight += 1
        try:
            yield ticket
        finally:
            ticket.dropped = True
            self._in_flight -= 1
            self._held -= ticket.held

    def hold_request(self, ticket: Ticket, count: int) -> None:
        """Count bytes of a body that are now in memory.

        Raises:
            HTTPError: 503 if all bodies together are too many.
        """
        ticket.held += count
        self._held += count
        if self._held > self._settings.most_held:
            raise unavailable("the requests that wait fill the memory; ask again in a moment")

    def hold_response(self, count: int) -> None:
        """Count bytes of an answer that are in memory, or no longer.

        Raises:
            HTTPError: 503 if those of all requests and answers together are too many.
        """
        if count > 0 and self._held + count > self._settings.most_held:
            raise unavailable(
                "answers that clients do not take fill the memory; ask again in a moment"
            )
        self._held += count

    async def run_light(
        self, ticket: Ticket, request: Request, work: Callable[[], Result]
    ) -> Result:
        """Do what takes no time to speak of, such as checking; it does not wait for translations. See `run`."""
        return await self._done(self._light_workers, ticket, request, lambda _: work(), 0)

    async def run(
        self, ticket: Ticket, request: Request, work: Callable[[Job], Result], *, pixels: int
    ) -> Result:
        """Do the work of a request in a thread.

        Args:
            ticket: of the request.
            request: whose client may go away; its body was read.
            work: what is done.
            pixels: of its pictures, decoded.

        Raises:
            HTTPError: 504 if it took too long.
            ClientDisconnect: if the client went away.
        """
        return await self._done(self._workers, ticket, request, work, pixels)

    async def _done(
        self,
        pool: ThreadPoolExecutor,
        ticket: Ticket,
        request: Request,
        work: Callable[[Job], Result],
        pixels: int,
    ) -> Result:
        loop = asyncio.get_running_loop()

        async def worked() -> Result:
            async with self.pixel_budget.acquire(pixels):
                return await loop.run_in_executor(pool, self._work, ticket, work)

        done = asyncio.ensure_future(worked())
        gone: asyncio.Future[None] = asyncio.ensure_future(_disconnected(request))
        ended = asyncio.ensure_future(self._abandoned.wait())
        awaited: set[asyncio.Future[Any]] = {done, gone, ended}
        try:
            await asyncio.wait(
                awaited,
                timeout=max(0.0, ticket.deadline - loop.time()),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if done.done():
                return done.result()
            if gone.done():
                raise ClientDisconnect
            if ended.done():
                raise unavailable("the server was stopped at once")
            raise HTTPError(
                504, f"the picture was not translated within {self._settings.timeout:g} seconds"
            )
        finally:
            gone.cancel()
            ended.cancel()
            if not done.done():
                ticket.dropped = True
                done.cancel()

    def _work(self, ticket: Ticket, work: Callable[[Job], Result]) -> Result:
        ticket.check()
        self._current.ticket = ticket
        return work(Job(self._translator, self._paint))

    def _paint(self, pictures: np.ndarray) -> np.ndarray:
        return self._batcher.paint(pictures, self._current.ticket)

    def _settle(self, tiles: np.ndarray) -> Callable[[np.ndarray], Any]:
        """Settle statistics in the network's thread, and return what paints with them there."""
        assert self._served.settle is not None
        network = self._batcher.alone(self._served.settle, tiles, self._current.ticket)
        ask = getattr(network, "predict_on_batch", network)
        return lambda pictures: self._batcher.alone(ask, pictures, self._current.ticket)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
