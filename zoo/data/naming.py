"""Names of examples, by which people find the picture that a figure is of."""

from __future__ import annotations

from typing import Any


def name_of(examples: Any, index: int) -> str:
    """Return a name for an example: what its method `name(index)` returns, such as that of a file, or a number.

    Args:
        examples: `zoo.Examples`, or what they are made of.
        index: 0 to `len(examples) - 1`.
    """
    name = getattr(examples, "name", None)
    return str(name(index)) if callable(name) else f"{index + 1:04d}"
