"""Which recipe a recipe came from."""

from __future__ import annotations

from typing import Any

from zoo.recipe.load import Recipe, load_recipe
from zoo.recipe.merge import find_recipe


def parent_of(recipe: Recipe) -> dict[str, Any] | None:
    """Return the recipe that another came from: the one that it extends, or the installed one that it is.

    What was overridden on the command line then differs from it.

    Args:
        recipe: without problems.

    Returns:
        `name` and the resolved `recipe`; None if the recipe stands alone, or the other is only a part of one.
    """
    registry = recipe.host.registry
    extended = recipe.document.data.get("extends")
    if isinstance(extended, str):
        name, path = extended, find_recipe(extended, registry, recipe.path.parent)
    elif any(item.factory == recipe.path for item in registry.components("recipe")):
        name, path = recipe.name, recipe.path
    else:
        return None
    parent = load_recipe(path, host=recipe.host, strict=False)
    # Some recipes are made to be extended and lack what only their children say.
    return None if parent.problems else {"name": name, "recipe": parent.resolved()}
