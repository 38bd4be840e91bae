"""What a model needs of a recipe: its players, and the sections that it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Factory = TypeVar("Factory", bound=Callable[..., Any])

# Sections of a recipe that a model may do without, and of these the ones that a model that takes them needs.
SECTIONS = (
    "generator",
    "discriminator",
    "losses.adversarial",
    "losses.reconstruction",
    "losses.penalties",
)
NEEDED = SECTIONS[:3]
ATTRIBUTE = "model_needs"


@dataclass(frozen=True)
class ModelNeeds:
    """What a model declares, known before it is built.

    Args:
        players: their names; the recipe has an optimizer for each.
        takes: of `SECTIONS` those that the model takes. It needs those of `NEEDED`, the others may be empty; what it
            does not take is refused in a recipe.
    """

    players: tuple[str, ...] = ("generator", "discriminator")
    takes: tuple[str, ...] = SECTIONS


def model_factory(
    *, players: Sequence[str] = ModelNeeds.players, takes: Sequence[str] = SECTIONS
) -> Callable[[Factory], Factory]:
    """Declare what the model of a factory needs of a recipe; without it a model is a generator and a discriminator.

        @zoo.model_factory(players=("generator",), takes=("generator", "losses.reconstruction"))
        def regression(parts: zoo.Parts) -> Regression: ...

    Args:
        players: names of the model's players, as the keys of its `players`.
        takes: sections of a recipe that it takes: `generator`, `discriminator`, `losses.adversarial`,
            `losses.reconstruction`, `losses.penalties`. Of the networks and the adversarial loss it needs each that it
            takes.

    Raises:
        ValueError: if there is no player, or no such section.
    """
    if unknown := [name for name in takes if name not in SECTIONS]:
        raise ValueError(
            f"a model takes no section {', '.join(unknown)}; expected {', '.join(SECTIONS)}"
        )
    if not players:
        raise ValueError("a model needs at least one player")
    needs = ModelNeeds(tuple(players), tuple(takes))

    def declare(factory: Factory) -> Factory:
        setattr(factory, ATTRIBUTE, needs)
        return factory

    return declare


def needs_of(factory: Any) -> ModelNeeds:
    """Return what a model's factory declares.

    Args:
        factory: without a declaration it makes models of a generator and a discriminator.
    """
    needs: ModelNeeds = getattr(factory, ATTRIBUTE, ModelNeeds())
    return needs
