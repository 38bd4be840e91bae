"""What stands around every request: the host's name, safe headers, counting, and bugs that show no insides."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoo_web.service.metrics import Meters

LOG = logging.getLogger("zoo_web.service")
# A page of this server may load nothing from elsewhere; pictures made in the page itself have these addresses.
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# What never reached a client that went away.
GONE = 499


class Guard:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        meters: told of every request.
        hosts: names that the `Host` header may have; none lets it have any. A page elsewhere whose name was pointed
            at this machine could otherwise read what it answers.
    """

    def __init__(self, app: ASGIApp, meters: Meters, hosts: Sequence[str]) -> None:
        self._app = app
        self._meters = meters
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        code = 0

        async def answer(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if self._knows(scope):
                await self._app(scope, receive, answer)
            else:
                await _refuse(
                    answer, 400, "this server is not known by the name in the Host header"
                )
        except Exception:
            LOG.exception("a request failed: %s %s", scope["method"], scope["path"])
            if code == 0:
                await _refuse(answer, 500, "the server failed; its log says why")
        finally:
            self._meters.answered(_route(scope), code or GONE, time.perf_counter() - start)

    def _knows(self, scope: Scope) -> bool:
        if not self._hosts:
            return True
        host = Headers(scope=scope).get("host", "").lower()
        name, _, port = host.rpartition(":")
        return (name if port.isdecimal() else host) in self._hosts


def _route(scope: Scope) -> str:
    """Return the route's template: addresses that clients make up would fill the memory."""
    path = getattr(scope.get("route"), "path", None)
    if path:
        return str(path)
    return "page" if scope.get("endpoint") == "page" else "other"


async def _refuse(send: Send, status: int, reason: str) -> None:
    content = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
