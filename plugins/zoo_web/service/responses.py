"""Responses that may be large: sent piece by piece, and counted until they are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from zoo_web.service.engine import Engine

PIECE = 2**16


class CountedResponse(Response):
    """An answer whose bytes count as held memory until the client has taken them.

    Args:
        content: of the answer.
        engine: counts.
        timeout: seconds that the client may take for a piece; then the connection is closed.
        media_type: of the content.
        headers: more of them.
    """

    def __init__(
        self,
        content: bytes,
        engine: Engine,
        timeout: float,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, media_type=media_type, headers=dict(headers or {}))
        self._engine = engine
        self._timeout = timeout
        engine.hold_response(len(content))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        content = bytes(self.body)
        try:
            start = {"type": "http.response.start", "status": self.status_code}
            await send({**start, "headers": self.raw_headers})
            for begin in range(0, len(content), PIECE):
                async with asyncio.timeout(self._timeout):
                    piece = content[begin : begin + PIECE]
                    more = begin + PIECE < len(content)
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            # What was begun cannot be taken back; the server closes the connection of an answer without its end.
            return
        finally:
            self._engine.hold_response(-len(content))
