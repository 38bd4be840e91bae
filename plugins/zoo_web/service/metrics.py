"""Figures for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PICTURES = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64)


class Metrics:
    """Counters of one server."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "zoo_requests", "Requests answered.", ("route", "code"), registry=self._registry
        )
        self._seconds = Histogram(
            "zoo_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._queue = Gauge(
            "zoo_queue_length", "Requests that wait to be worked at.", registry=self._registry
        )
        self._batches = Histogram(
            "zoo_batch_pictures",
            "Pictures or tiles in one call of the network.",
            buckets=PICTURES,
            registry=self._registry,
        )
        self._network = Histogram(
            "zoo_network_seconds",
            "Seconds of one call of the network.",
            buckets=SECONDS,
            registry=self._registry,
        )

    def watch_queue(self, length: Callable[[], int]) -> None:
        """Ask for the length of the queue whenever it is to be told."""
        self._queue.set_function(length)

    def answered(self, route: str, code: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(code)).inc()
        self._seconds.labels(route).observe(seconds)

    def network_called(self, pictures: int) -> Callable[[], None]:
        """Count a call of the network; what is returned is called at its end."""
        self._batches.observe(pictures)
        start = time.perf_counter()
        return lambda: self._network.observe(time.perf_counter() - start)

    def text(self) -> bytes:
        """Return all in Prometheus's text form."""
        text: bytes = generate_latest(self._registry)
        return text
