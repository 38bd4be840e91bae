"""A server that runs in a thread of the test, at a free port of the loopback address."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
from PIL import Image
from zoo_web.service.app import create_app
from zoo_web.service.served import Served
from zoo_web.service.server import listen, server_of
from zoo_web.service.settings import Settings

from zoo.pictures import Formats
from zoo.translation.translator import Translator

SIZE = (32, 32)
COLOURS = Formats()
PNG = {"Content-Type": "image/png"}


def negative(batch):
    return -batch


def served_by(network=negative, *, formats=COLOURS, **more) -> Served:
    translator = Translator(network, SIZE, formats=formats)
    return Served("tiny", translator, formats, SIZE, **more)


@contextmanager
def live(served: Served | None = None, settings: Settings | None = None) -> Iterator[Any]:
    """Serve, and give a client of it once it is ready; its `app` and `server` are those."""
    app = create_app(served or served_by(), settings or Settings())
    opened = listen("127.0.0.1", 0)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    address = f"http://127.0.0.1:{opened.getsockname()[1]}"
    try:
        client: Any
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            client.app, client.server = app, server
            wait_for(lambda: client.get("/readyz").status_code == 200)
            yield client
    finally:
        server.should_exit = True
        thread.join()


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something holds; a test that waits in vain fails."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, shape).astype(dtype)


def file_of(picture: np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def picture_in(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture)


class Gate:
    """A network that answers the negative once it is let; it notes how many pictures each call brought."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.entered = threading.Semaphore(0)
        self._open = threading.Event()
        self._open.set()

    def close(self) -> None:
        self.calls.clear()
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self.calls.append(len(batch))
        self.entered.release()
        self._open.wait()
        return -batch
