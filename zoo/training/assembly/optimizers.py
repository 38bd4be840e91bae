"""The optimizers of the players, their learning rates on the recipe's schedule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from zoo.models.player import Player
from zoo.schedules import FigureSchedule
from zoo.training.assembly.builder import Builder


def make_optimizers(
    builder: Builder, steps_per_epoch: int, players: Mapping[str, Player]
) -> tuple[dict[str, Any], dict[str, FigureSchedule]]:
    """Create an optimizer for each player.

    Args:
        builder: with the recipe.
        steps_per_epoch: steps of the model in one pass over the training pictures.
        players: of the model, whose updates a step count; empty if there is no model.

    Returns:
        By player its optimizer, None for one that failed, and what lowers its learning rate by a held-out figure, if
        the recipe asks for it.
    """
    built: dict[str, Any] = {}
    figure_schedules = {}
    schedule = builder.recipe.choices.get(("schedule",))
    for key, choice in builder.recipe.choices_of(("optimizers",)):
        player, arguments = str(key[-1]), dict(choice.arguments)
        updates = players[player].updates if player in players else 1
        if schedule and "learning_rate" in arguments and not builder.recipe.problems:
            course = builder.create(
                ("schedule",),
                (key,),
                learning_rate=arguments["learning_rate"],
                steps_per_epoch=steps_per_epoch * updates,
                epochs=builder.recipe.sections.training.epochs,
            )
            if course is None:
                continue  # said already; an optimizer would complain of the rate that it lacks
            if isinstance(course, FigureSchedule):
                figure_schedules[player] = course
                course = course.learning_rate
            arguments["learning_rate"] = course
        built[player] = builder.attempt(key, partial(choice.component.create, arguments))
    return built, figure_schedules
