"""The JSON Schema of recipes with every installed component in it, so that editors complete and check."""

from __future__ import annotations

from typing import Any

from zoo.components import Component
from zoo.plugins import Host
from zoo.recipe.schema import COMPONENT_PLACES, LossSection, RecipeSchema

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
        _replace(schema, definitions, place, {"anyOf": variants})
    definitions.pop("ComponentSection", None)
    definitions.pop("LossSection", None)
    return {
        "$schema": DIALECT,
        **schema,
        "title": "zoo recipe",
        "anyOf": [{"required": needed}, {"required": ["extends"]}],
    }


def _variant(component: Component, definitions: dict[str, Any]) -> dict[str, Any]:
    made = component.schema.model_json_schema()
    definitions.update(made.pop("$defs", {}))
    name = {"const": component.name, "description": component.summary}
    properties = {"name": name, **made.get("properties", {})}
    if component.kind.name.endswith("_loss"):
        weight = LossSection.model_json_schema()["properties"]["weight"]
        properties["weight"] = weight
    return {
        "type": "object",
        "description": component.summary,
        "properties": properties,
        "required": ["name", *made.get("required", [])],
        "additionalProperties": False,
    }


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
        holder["items"] = variants
    else:
        kept = {
            key: holder[place[-1]][key]
            for key in ("description", "default")
            if key in holder[place[-1]]
        }
        holder[place[-1]] = {**variants, **kept}
