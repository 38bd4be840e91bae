"""Choosing a few out of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return at most `count` different items, spread evenly."""
    length = len(items)
    count = min(length, count)
    return [items[(2 * position + 1) * length // (2 * count)] for position in range(count)]
