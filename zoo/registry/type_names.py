"""Annotations as a reader would write them, with the ranges that they state."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def type_name(annotation: Any) -> str:
    """Return an annotation in words: `int, ≥ 1`, `float (≥ 0) | None`, `Literal['l1', 'l2']`.

    Args:
        annotation: a type, or what `typing` makes of types; `Annotated` with pydantic's `Field` for ranges.
    """
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
        return ", ".join([type_name(base), *_limits(metadata)])
    return _plain(annotation)


def _plain(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return "any"
    if annotation in (None, types.NoneType):
        return "None"
    if annotation is Ellipsis:
        return "..."
    if origin is Annotated:
        limits = ", ".join(_limits(arguments[1:]))
        return f"{_plain(arguments[0])} ({limits})" if limits else _plain(arguments[0])
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin in (Union, types.UnionType):
        return " | ".join(map(_plain, arguments))
    name = getattr(origin or annotation, "__name__", str(annotation).replace("typing.", ""))
    return f"{name}[{', '.join(map(_plain, arguments))}]" if arguments else name


def _limits(metadata: Any) -> list[str]:
    limits = []
    for field in metadata:
        for item in getattr(field, "metadata", [field]):
            limits += [
                f"{sign} {getattr(item, at)}" for at, sign in SIGNS.items() if hasattr(item, at)
            ]
    return limits
