"""The JSON Schema of recipes with every installed component in it, so that editors complete and check."""

from __future__ import annotations

from typing import Any

from zoo.plugins import Host
from zoo.recipe.schema import (
    COMPONENT_PLACES,
    WEIGHTED,
    ComponentSection,
    LossSection,
    PenaltySection,
    RecipeSchema,
)
from zoo.registry.component import Component
from zoo.registry.kinds import Kind
from zoo.registry.model_factory import NEEDED, SECTIONS, needs_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def recipe_schema(host: Host) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of recipes.

    Every key is optional at the top only where a recipe that `extends` another may leave it out.
    """
    schema = RecipeSchema.model_json_schema()
    definitions = schema["$defs"]
    needed = schema.pop("required")
    for place, kind in COMPONENT_PLACES.items():
        variants = []
        for component in host.registry.components(kind):
            name = f"{kind}.{component.name}"
            if name not in definitions:
                definitions[name] = _variant(component, definitions)
            variants.append({"$ref": f"#/$defs/{name}"})
        if host.registry.kind(kind).keras_module:
            variants.append(_keras_variant(host.registry.kind(kind)))
        _replace(schema, definitions, place, {"anyOf": variants})
    for section in (ComponentSection, LossSection, PenaltySection):
        definitions.pop(section.__name__, None)
    return {
        "$schema": DIALECT,
        **schema,
        "title": "zoo recipe",
        "anyOf": [{"required": needed}, {"required": ["extends"]}],
        "allOf": [_of_model(component) for component in host.registry.components("model")],
    }


def _of_model(component: Component) -> dict[str, Any]:
    """What a recipe needs and may have once it names a model."""
    needs = needs_of(component.target)
    needed: dict[str, Any] = {}
    for section in NEEDED:
        if section in needs.takes:
            _require(needed, section.split("."))
    refused: dict[str, Any] = {}
    for section in SECTIONS:
        if section not in needs.takes:
            _refuse(refused, section.split("."))
    for player in needs.players:
        _require(needed, ["optimizers", player])
    optimizers = {"propertyNames": {"enum": [*needs.players]}}
    return {
        "if": {
            "required": ["model"],
            "properties": {"model": {"properties": {"name": {"const": component.name}}}},
        },
        "then": {
            "anyOf": [needed, {"required": ["extends"]}],
            "properties": {**refused.get("properties", {}), "optimizers": optimizers},
        },
    }


def _require(schema: dict[str, Any], path: list[str]) -> None:
    """Have a schema require a key, and the keys that lead to it."""
    required = schema.setdefault("required", [])
    if path[0] not in required:
        required.append(path[0])
    if path[1:]:
        _require(schema.setdefault("properties", {}).setdefault(path[0], {}), path[1:])


def _refuse(schema: dict[str, Any], path: list[str]) -> None:
    """Have a schema refuse a key that is not empty."""
    inner = schema.setdefault("properties", {}).setdefault(path[0], {})
    if path[1:]:
        _refuse(inner, path[1:])
    else:
        inner["enum"] = [None, []]


def _variant(component: Component, definitions: dict[str, Any]) -> dict[str, Any]:
    made = component.schema.model_json_schema()
    definitions.update(made.pop("$defs", {}))
    name = {"const": component.name, "description": component.summary}
    properties = {"name": name, **made.get("properties", {}), **_weight(component.kind)}
    return {
        "type": "object",
        "description": component.summary,
        "properties": properties,
        "required": ["name", *made.get("required", [])],
        "additionalProperties": False,
    }


def _keras_variant(kind: Kind) -> dict[str, Any]:
    """A class of Keras by its full name; what it takes is checked when the recipe is loaded."""
    description = f"A class of {kind.keras_module} by its full name."
    pattern = f"^{kind.keras_module}.[A-Z][A-Za-z0-9]*$".replace(".", "[.]", 2)
    name = {"type": "string", "pattern": pattern, "description": description}
    return {
        "type": "object",
        "description": description,
        "properties": {"name": name, **_weight(kind)},
        "required": ["name"],
    }


def _weight(kind: Kind) -> dict[str, Any]:
    """The key `weight` of kinds that have one."""
    if kind.name not in WEIGHTED:
        return {}
    section = PenaltySection if kind.name == "penalty" else LossSection
    return {"weight": section.model_json_schema()["properties"]["weight"]}


def _replace(
    schema: dict[str, Any],
    definitions: dict[str, Any],
    place: tuple[str, ...],
    variants: dict[str, Any],
) -> None:
    holder = schema["properties"]
    for part in place[:-1]:
        if part != place[-1] and "$ref" in holder.get(part, {}):
            holder = definitions[holder[part]["$ref"].rsplit("/", 1)[-1]]["properties"]
        elif part in holder:
            holder = holder[part]
    if place[-1] == "*":
        several = "additionalProperties" if holder.get("type") == "object" else "items"
        holder[several] = variants
    else:
        kept = {
            key: holder[place[-1]][key]
            for key in ("description", "default")
            if key in holder[place[-1]]
        }
        if holder[place[-1]].get("default", ...) is None:
            # Takes a section away from the recipe that is extended.
            variants = {"anyOf": [*variants["anyOf"], {"type": "null"}]}
            del kept["default"]
        holder[place[-1]] = {**variants, **kept}
