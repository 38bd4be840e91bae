"""What stands around every request: figures, safe headers, and errors in one form."""

from __future__ import annotations

import json
import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoo_web.service.metrics import Metrics

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
# nginx's code for what never reached a client that went away.
CLIENT_CLOSED_REQUEST = 499


class MetricsMiddleware:
    """Counts requests and their time.

    Args:
        app: the application.
        metrics: told of every request.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        code = CLIENT_CLOSED_REQUEST

        async def watched(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.answered(_route(scope), code, time.perf_counter() - start)


class SecurityHeadersMiddleware:
    """Adds the headers with which browsers load nothing from elsewhere.

    Args:
        app: the application; headers that it has set stay.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class JSONErrorMiddleware:
    """Answers errors as `{"error": …}`: those of Starlette's middleware, which are text, and bugs, which tell nothing.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        text_error: Message | None = None

        async def as_json(message: Message) -> None:
            nonlocal started, text_error
            if message["type"] == "http.response.start":
                started = True
                if _is_text_error(message):
                    text_error = message
                    return
            elif text_error is not None:
                # Such an answer is sent in one piece.
                await _send_error(send, text_error, message["body"].decode())
                return
            await send(message)

        try:
            await self._app(scope, receive, as_json)
        except Exception:
            LOG.exception("a request failed: %s %s", scope["method"], scope["path"])
            if not started:
                start = {"type": "http.response.start", "status": 500, "headers": []}
                await _send_error(send, start, "the server failed; its log says why")


def _route(scope: Scope) -> str:
    """Return the route's template: addresses that clients make up would fill the memory."""
    path = getattr(scope.get("route"), "path", None)
    if path:
        return str(path)
    return "page" if scope.get("endpoint") == "page" else "other"


def _is_text_error(start: Message) -> bool:
    kind: str = Headers(raw=start["headers"]).get("content-type", "")
    status: int = start["status"]
    return status >= 400 and kind.startswith("text/plain")


async def _send_error(send: Send, start: Message, reason: str) -> None:
    content = json.dumps({"error": reason}).encode()
    headers = MutableHeaders(raw=start["headers"])
    headers["content-type"] = "application/json"
    headers["content-length"] = str(len(content))
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": content})
