"""What differs between two recipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return the keys at which two recipes differ, in the order of the first, then of what the second adds.

    Args:
        first: plain data, nested; resolved, so that a default and the same value written out are no difference.
        second: the same.

    Returns:
        (key, the first's value, the second's) of each: keys are dotted, with numbers for the items of lists, as
        overrides name them; None stands for what is missing. What is missing as a whole is told as a whole.
    """
    return list(_between(first, second, ""))


def _between(first: Any, second: Any, key: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for name in dict.fromkeys((*first, *second)):
            yield from _between(
                first.get(name), second.get(name), f"{key}.{name}" if key else str(name)
            )
    elif isinstance(first, list) and isinstance(second, list):
        for index in range(max(len(first), len(second))):
            one, other = (items[index] if index < len(items) else None for items in (first, second))
            yield from _between(one, other, f"{key}.{index}")
    # Of Python's numbers, True is 1; of a recipe's it is not.
    elif first != second or isinstance(first, bool) is not isinstance(second, bool):
        yield key, first, second
