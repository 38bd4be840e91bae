"""Checking a recipe against what its model declares: the sections that it takes, and an optimizer for each player."""

from __future__ import annotations

from collections.abc import Iterator

from zoo.errors import nearest, shortened
from zoo.recipe.document import Document
from zoo.recipe.problems import MISSING, Key
from zoo.registry.model_factory import NEEDED, SECTIONS, ModelNeeds


def check_needs(document: Document, name: str, needs: ModelNeeds) -> Iterator[tuple[Key, str]]:
    """Yield what is wrong, each with its key.

    Args:
        document: the recipe.
        name: of the model.
        needs: what it declares.
    """
    for section in SECTIONS:
        key: Key = tuple(section.split("."))
        given = document.get(key)
        if section not in needs.takes:
            if given not in (None, []):
                yield key, f"the model {name} takes no {section}; leave it out"
        elif section in NEEDED and given is None:
            above = document.get(key[:1]) if key[1:] else {}
            # What is neither there nor a mapping is said elsewhere.
            if above is None or isinstance(above, dict):
                yield (key if above is not None else key[:1]), MISSING
    optimizers = document.get(("optimizers",))
    if not isinstance(optimizers, dict):
        if optimizers is None:
            yield ("optimizers",), MISSING
        return
    for player in needs.players:
        if optimizers.get(player) is None:
            yield ("optimizers", player), MISSING
    players = ", ".join(needs.players)
    for player in optimizers:
        if player not in needs.players:
            told = shortened(str(player))
            yield (
                ("optimizers", player),
                f"the model {name} has no player '{told}'; it has {players}.{nearest(str(player), needs.players)}",
            )
