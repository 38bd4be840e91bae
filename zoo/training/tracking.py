"""Trackers that are named on the command line, as a recipe's `callbacks` would name them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from zoo.errors import ZooError
from zoo.recipe.load import Recipe
from zoo.registry.component import Component
from zoo.training.callbacks.run_callback import RunCallback


def tracking(recipe: Recipe, names: Sequence[str]) -> list[str]:
    """Return the overrides that add trackers to a recipe; none for those that it names already.

    Args:
        recipe: a loaded one, which may have problems.
        names: of callbacks whose classes extend `RunCallback`.

    Raises:
        ZooError: if there is no callback of a name, or it follows no runs; with those that do.
    """
    registry = recipe.host.registry
    for name in names:
        if not _follows_runs(registry.get("callback", name)):
            known = [item.name for item in registry.components("callback") if _follows_runs(item)]
            expected = f"expected {', '.join(known)}" if known else "no plugin has one"
            raise ZooError(
                f"--track {name}: that callback is no tracker; {expected}; "
                "other callbacks stand in the recipe, below callbacks"
            )
    there = {choice.component.name for _, choice in recipe.choices_of(("callbacks",))}
    return [f"callbacks+={{name: {name}}}" for name in dict.fromkeys(names) if name not in there]


def _follows_runs(component: Component) -> bool:
    return inspect.isclass(component.target) and issubclass(component.target, RunCallback)
