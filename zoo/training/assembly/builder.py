"""Building the components of a recipe, one after the other, so that all that goes wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from zoo.errors import ZooError
from zoo.recipe.load import Recipe
from zoo.recipe.problems import Key, Problem, RecipeError

T = TypeVar("T")


class Builder:
    """Creates components of a recipe and collects problems.

    Args:
        recipe: what they are read from; its own problems are the first.

    Attributes:
        problems: all that went wrong until now.
        notes: what else is to be said before training, a sentence each.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.problems: list[Problem] = list(recipe.problems)
        self.notes: list[str] = []

    def attempt(self, key: Key, build: Callable[[], T], because: Sequence[Key] = ()) -> T | None:
        """Return what `build` does, or None if it fails, which is then a problem of a key.

        Args:
            key: of the recipe.
            build: called without arguments.
            because: other keys that what is built depends on, whose overrides are told too.

        Raises:
            RecipeError: if that is what `build` raises.
        """
        try:
            return build()
        except RecipeError:
            raise
        except (ValueError, TypeError, ZooError) as error:
            self.note(key, error, because)
            return None

    def note(self, key: Key, error: Exception, because: Sequence[Key] = ()) -> None:
        """Collect what went wrong; see `Recipe.failure`."""
        self.problems.append(self.recipe.failure(key, error, because))

    def create(self, key: Key, because: Sequence[Key] = (), **supplied: Any) -> Any:
        """Return the component that the recipe names at a key; None if it names none, or if it fails."""
        choice = self.recipe.choices.get(key)
        if choice is None:
            return None
        return self.attempt(key, lambda: choice.create(**supplied), because)

    def create_all(self, key: Key) -> list[Any]:
        """Return the components of a list, None for one that fails."""
        return [self.create(place) for place, _ in self.recipe.choices_of(key)]
