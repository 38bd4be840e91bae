"""Reading the body of a request, never more than is allowed."""

from __future__ import annotations

import asyncio
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from zoo_web.service.batcher import Ticket
from zoo_web.service.engine import Engine
from zoo_web.service.errors import HTTPError
from zoo_web.service.settings import Settings

FIELD = "picture"
MOST_HEADER_BYTES = 8192


async def read_body(
    request: Request, ticket: Ticket, engine: Engine, settings: Settings
) -> bytearray:
    """Read a request's body.

    Args:
        request: whose body was not read yet.
        ticket: of the request.
        engine: counts the bytes that are held.
        settings: the limits.

    Raises:
        HTTPError: 413 if it is longer than allowed, whatever its head says; 408 if it does not come in time; 400 if
            it is empty.
    """
    too_long = HTTPError(
        413,
        f"the request's body is longer than {settings.most_bytes:,} bytes, the most that is read",
    )
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > settings.most_bytes:
        raise too_long
    content = bytearray()
    try:
        async with asyncio.timeout_at(ticket.deadline):
            async for piece in request.stream():
                if len(content) + len(piece) > settings.most_bytes:
                    raise too_long
                engine.hold_request(ticket, len(piece))
                content += piece
    except TimeoutError:
        raise HTTPError(
            408, f"the request's body did not come within {settings.timeout:g} seconds"
        ) from None
    if not content:
        raise HTTPError(400, "the request's body is empty")
    return content


def media_type(request: Request) -> str:
    """Return what a request says its body is, without parameters; empty if it says nothing."""
    stated: str = request.headers.get("content-type", "")
    return stated.partition(";")[0].strip().lower()


def form_picture(content: bytes | bytearray, content_type: str) -> bytes:
    """Return the content of the field `picture` of a form.

    Args:
        content: the body.
        content_type: its header, which names the boundary.

    Raises:
        HTTPError: 400 if it is no whole form with one such field.
    """
    parts = _parts(bytes(content), content_type)
    pictures = [part for name, part in parts if name == FIELD]
    if len(pictures) != 1:
        names = ", ".join(sorted({name for name, _ in parts})) or "none"
        raise HTTPError(
            400,
            f"the form must have one field '{FIELD}' with the picture file; it has the fields: {names[:200]}",
        )
    if not pictures[0]:
        raise HTTPError(400, f"the field '{FIELD}' of the form is empty")
    return pictures[0]


def _parts(content: bytes, content_type: str) -> list[tuple[str, bytes]]:
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise HTTPError(400, "the form's Content-Type names no boundary")
    reader = _Parts()
    try:
        parser = MultipartParser(boundary, reader.callbacks)
        parser.write(content)
        parser.finalize()
    except FormParserError:
        raise HTTPError(400, "the form is damaged or incomplete") from None
    if not reader.ended:
        raise HTTPError(400, "the form is damaged or incomplete")
    return reader.parts


class _Parts:
    """Collects the parts of a form as they are parsed."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, bytes]] = []
        self.ended = False
        self._header = [b"", b""]
        self._name = ""
        self._pieces: list[bytes] = []

    @property
    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._told(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._told(1, data[start:end]),
            "on_header_end": self._header_ended,
            "on_part_data": lambda data, start, end: self._pieces.append(data[start:end]),
            "on_part_end": self._part_ended,
            "on_end": self._ended,
        }

    def _begin(self) -> None:
        if len(self.parts) == 32:
            raise HTTPError(400, "the form has more than 32 fields")
        self._name, self._pieces = "", []

    def _told(self, which: int, piece: bytes) -> None:
        self._header[which] += piece
        if len(self._header[which]) > MOST_HEADER_BYTES:
            raise HTTPError(400, "the form is damaged or incomplete")

    def _header_ended(self) -> None:
        field, value = self._header
        if field.lower() == b"content-disposition":
            name = parse_options_header(value)[1].get(b"name", b"")
            self._name = name.decode("utf-8", "replace")
        self._header = [b"", b""]

    def _part_ended(self) -> None:
        self.parts.append((self._name, b"".join(self._pieces)))

    def _ended(self) -> None:
        self.ended = True
