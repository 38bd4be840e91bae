"""The report of a run over HTTP, for this machine alone: the page follows the run while it is trained."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zoo.errors import ZooError
from zoo.report.report import Report
from zoo.runs import files

HOST = "127.0.0.1"
# What the page is made of; samples are looked at one by one.
SHOWN = (
    files.RECIPE,
    files.PARENT,
    files.ENVIRONMENT,
    files.HISTORY,
    files.METRICS,
    files.FIGURES,
    files.WARNINGS,
    files.SKIPPED,
)
PAGES = ("/", "/report.html")
STATE = "/state"
# By what names a browser on this machine calls it; a page elsewhere whose name points here is refused.
NAMES = ("127.0.0.1", "localhost")
# Seconds that a training which ends waits for the page to take its last state.
LAST_LOOK = 3.0


class Watcher:
    """A server of one run's report; it only reads.

    Args:
        run: the run directory.
        port: 0 takes a free one.

    Raises:
        ZooError: if the port cannot be had; says why.
    """

    def __init__(self, run: Path, port: int = 0) -> None:
        self._report = Report(run)
        self._page = ""
        self._version = ""
        self._taken = threading.Event()
        self._asked = -math.inf
        self._lock = threading.Lock()
        try:
            self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        except OSError as error:
            reason = {
                errno.EADDRINUSE: "is taken; choose another with --port, or 0 for any free one",
                errno.EACCES: "is not yours to open; choose one from 1024 on with --port",
            }.get(error.errno or 0, f"cannot be opened: {error.strerror}")
            raise ZooError(f"the port {port} {reason}") from error
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{HOST}:{self._server.server_port}/"

    def serve(self) -> None:
        """Serve until Ctrl-C or `close`."""
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Free the port."""
        self._server.server_close()

    @contextmanager
    def beside(self) -> Iterator[Watcher]:
        """Serve in a thread while the caller goes on; in the end an open page still gets the last state."""
        thread = threading.Thread(target=self.serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            if time.monotonic() - self._asked < LAST_LOOK:
                self._taken.wait(LAST_LOOK)
            self._server.shutdown()
            thread.join()
            self.close()

    def version(self) -> str:
        """Return a text that changes when the run does."""
        run = self._report.directory
        samples = sorted((run / files.SAMPLES).glob("epoch-*.png"))
        told = []
        for path in (*(run / name for name in SHOWN), *samples):
            if path.is_file():
                found = path.stat()
                told.append(f"{path.name} {found.st_mtime_ns} {found.st_size}")
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def page(self) -> str:
        """Return the page of the run as it is now."""
        with self._lock:
            version = self.version()
            if version != self._version:
                self._page, self._version = self._report.page(watched=version), version
            return self._page

    def state(self) -> dict[str, Any]:
        """Return what the page asks for now and then."""
        self._asked = time.monotonic()
        return {"version": self.version()}

    def taken(self) -> None:
        """Note that the page was sent."""
        if self._version == self.version():
            self._taken.set()
        else:
            self._taken.clear()


def _handler(watcher: Watcher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "zoo"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer the page, or its version."""
            path = urlsplit(self.path).path
            if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in NAMES:
                self.send_error(HTTPStatus.FORBIDDEN, "this page is for this machine alone")
            elif path in PAGES:
                self._answer("text/html; charset=utf-8", watcher.page())
                watcher.taken()
            elif path == STATE:
                self._answer("application/json", json.dumps(watcher.state()))
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _answer(self, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing: the page asks every second."""

    return Handler
