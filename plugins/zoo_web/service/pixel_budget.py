"""Memory for decoded pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PixelBudget:
    """Bounds the pixels of all pictures that are worked at together.

    Those that do not fit wait without a thread, and smaller ones overtake them.

    Args:
        limit: pixels; one picture alone may have more.
    """

    def __init__(self, limit: int) -> None:
        self.used = 0
        self._limit = limit
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def acquire(self, pixels: int) -> AsyncIterator[None]:
        """Wait until pixels fit, and count them while this is open."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.used or self.used + pixels <= self._limit)
            self.used += pixels
        try:
            yield
        finally:
            self.used -= pixels
            async with self._changed:
                self._changed.notify_all()
