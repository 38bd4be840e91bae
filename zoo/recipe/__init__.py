"""Recipes: YAML files that assemble components into an experiment."""

from zoo.recipe.load import Recipe, load_recipe
from zoo.recipe.problems import Problem, RecipeError

__all__ = ["Problem", "Recipe", "RecipeError", "load_recipe"]
