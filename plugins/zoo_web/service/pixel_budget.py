"""Memory for decoded pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Bounds the pixels of all pictures that are worked at together.

    Those that find no room wait without a thread, and smaller ones overtake them.

    Args:
        most: pixels; one picture alone may have more.
    """

    def __init__(self, most: int) -> None:
        self.taken = 0
        self._most = most
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def hold(self, pixels: int) -> AsyncIterator[None]:
        """Wait for room for pixels, and take it while this is open."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self.taken or self.taken + pixels <= self._most
            )
            self.taken += pixels
        try:
            yield
        finally:
            self.taken -= pixels
            async with self._changed:
                self._changed.notify_all()
