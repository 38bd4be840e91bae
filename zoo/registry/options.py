"""Arguments that several components share: `**options: Unpack[SomeTypedDict]`, whose keys are a recipe's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Unpack, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def options_of(annotation: Any) -> Iterator[tuple[str, Any, Any, str]]:
    """Yield name, annotation, default and description of each key of a TypedDict that is unpacked.

    Default and description are those of pydantic's `Field` in the key's annotation; without a default it is required.

    Args:
        annotation: of `**options`; anything else than `Unpack` has no keys.
    """
    if get_origin(annotation) is not Unpack:
        return
    (options,) = get_args(annotation)
    for name, hint in get_type_hints(options, include_extras=True).items():
        field = _field(hint)
        yield name, hint, _default(hint), field.description or "" if field else ""


def defaults_of(options: Any) -> dict[str, Any]:
    """Return the defaults of a TypedDict's keys, as `options_of` finds them.

    Args:
        options: the TypedDict.
    """
    hints = get_type_hints(options, include_extras=True)
    return {
        name: default
        for name, hint in hints.items()
        if (default := _default(hint)) is not inspect.Parameter.empty
    }


def _default(hint: Any) -> Any:
    field = _field(hint)
    return inspect.Parameter.empty if field is None or field.is_required() else field.default


def _field(hint: Any) -> FieldInfo | None:
    from pydantic.fields import FieldInfo

    found = (item for item in getattr(hint, "__metadata__", ()) if isinstance(item, FieldInfo))
    return next(found, None)
