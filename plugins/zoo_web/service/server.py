"""The process around the application: its socket, its signals, its end."""

from __future__ import annotations

import errno
import ipaddress
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from zoo import ZooError
from zoo_web.service.engine import Engine

# Seconds for answers to be taken after the last one was made.
SHUTDOWN_TIMEOUT = 10
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host's address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """Open the socket of a server.

    Args:
        host: name or address of this machine.
        port: 0 takes a free one.

    Raises:
        ZooError: if it cannot be had; says why.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise ZooError(f"the host {host} is not known; try --host 127.0.0.1") from None
    try:
        # A port whose last connections are still fading away may be taken again.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(2048)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise ZooError(
                f"the port {port} of {host} is taken; choose another with --port, or 0 for any free one"
            ) from None
        if error.errno == errno.EACCES:
            raise ZooError(
                f"the port {port} is not yours to open; choose one from 1024 on with --port"
            ) from None
        raise ZooError(f"{host} is no address of this machine: {error.strerror}") from None
    return opened


def address_of(opened: socket.socket) -> str:
    """Return the address at which a browser finds a socket."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run_server(app: FastAPI, opened: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; what was asked before is still answered.

    Args:
        app: of `create_app`.
        opened: of `listen`.

    Raises:
        ZooError: if the model cannot translate.
    """
    server_of(app).run(sockets=[opened])
    failure = app.state.engine.failure
    if failure is not None:
        raise ZooError(f"the model cannot translate a picture: {failure}")


def server_of(app: FastAPI) -> uvicorn.Server:
    """Return uvicorn's server for an application of `create_app`."""
    config = uvicorn.Config(
        app,
        # One implementation of each, whatever else is installed: it bounds what a client may send as headers.
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )
    return _Server(config, app.state.engine)


class _Server(uvicorn.Server):
    """Ends after the last answer."""

    def __init__(self, config: uvicorn.Config, engine: Engine) -> None:
        super().__init__(config)
        self._engine = engine
        self._at_once = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # The second signal is meant: not all that was asked is answered.
        self._at_once = self._engine.stopping
        self._engine.stop()

    async def on_tick(self, counter: int) -> bool:
        if self._at_once:
            self._engine.abandon()
        if self._engine.failure or self._at_once or (self._engine.stopping and self._engine.idle):
            self.should_exit = True
        ends: bool = await super().on_tick(counter)
        return ends
