"""Requests that are not carried out, and why."""

from __future__ import annotations

from collections.abc import Mapping


class HTTPError(Exception):
    """A request that is answered with an error, as `{"error": …}`.

    Args:
        status: of HTTP.
        reason: one sentence for the person who sent it.
        headers: of the answer.
    """

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


class DroppedError(Exception):
    """Work that nobody waits for any more."""


def unavailable(reason: str) -> HTTPError:
    """Return the error of a request that may be sent again soon."""
    return HTTPError(503, reason, {"Retry-After": "1"})
