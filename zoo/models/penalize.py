"""Adding penalties to a discriminator's objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zoo.models.parts import WeightedPenalty
from zoo.models.random import Random


def penalize(
    penalties: Sequence[WeightedPenalty],
    judge: Callable[[Any], Any],
    real: Any,
    fake: Any,
    random: Random | None,
    *,
    player: str = "discriminator",
) -> tuple[Any, dict[str, Any]]:
    """Return the sum of the weighted penalties, 0 for none, and what to log.

    Args:
        penalties: what is added to the objective.
        judge: gives the logits of pictures.
        real: real pictures (N, H, W, C).
        fake: fakes of the same shape, as constants.
        random: the model's random numbers; None if there are no penalties.
        player: beginning of the names in the logs.
    """
    logs: dict[str, Any] = {}
    total: Any = 0.0
    for item in penalties:
        assert random is not None
        value, figures = item.penalty(judge, real, fake, random)
        total = total + item.weight * value
        logs[f"{player}_{item.name}"] = item.weight * value
        logs.update({f"{player}_{name}": figure for name, figure in figures.items()})
    return total, logs


def penalty_names(
    penalties: Sequence[WeightedPenalty], player: str = "discriminator"
) -> tuple[str, ...]:
    """Return the names under which `penalize` logs.

    Args:
        penalties: what is added to the objective.
        player: beginning of the names.
    """
    return tuple(
        f"{player}_{name}" for item in penalties for name in (item.name, *item.penalty.figures)
    )
