"""Checking what somebody gives to a component against its signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from zoo.recipe.problems import MOST_TOLD, Key, explain_all
from zoo.registry.component import Component


def check_arguments(
    component: Component, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[Key, str]]:
    """Check arguments and fill in the defaults.

    Returns:
        All arguments, and what is wrong by the place of it; one of the two is empty.
    """
    try:
        return component.resolve(values), {}
    except ValidationError as error:
        return {}, {
            place: explain_all(items, _allowed(component, place, number))
            for number, (place, items) in enumerate(_merged(component, error).items())
        }


def _merged(component: Component, error: ValidationError) -> dict[Key, list[dict[str, Any]]]:
    """The errors by argument, or by the key of one that has keys: a union reports one for each of its members."""
    by_place: dict[Key, list[dict[str, Any]]] = {}
    for item in error.errors():
        depth = 2 if component.keys_of(str(item["loc"][0])) else 1
        by_place.setdefault(item["loc"][:depth], []).append(dict(item))
    return by_place


def _allowed(component: Component, place: Key, number: int) -> list[str]:
    """The names that may stand where the last part of a place does; of as many problems as are told."""
    if number > MOST_TOLD:
        return []
    if len(place) > 1:
        return list(component.keys_of(str(place[0])))
    return [argument.name for argument in component.arguments]
