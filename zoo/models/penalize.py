"""Adding penalties to a discriminator's objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from zoo.backend.random import Random
from zoo.models.parts import WeightedPenalty


def penalize(
    penalties: Sequence[WeightedPenalty],
    judge: Callable[[Any], Any],
    real: Any,
    fake: Any,
    random: Random | None,
    *,
    player: str = "discriminator",
    outputs: int = 1,
) -> tuple[Any, dict[str, Any]]:
    """Return the sum of the weighted penalties, 0 for none, and what to log.

    Args:
        penalties: what is added to the objective.
        judge: gives the logits of pictures, a list where the discriminator has several outputs.
        real: real pictures (N, H, W, C).
        fake: fakes of the same shape, as constants.
        random: the model's random numbers; None if there are no penalties.
        player: beginning of the names in the logs.
        outputs: of the discriminator; a penalty is the mean of those on each output by itself.
    """
    judges = [judge] if outputs == 1 else [_output(judge, index) for index in range(outputs)]
    logs: dict[str, Any] = {}
    total: Any = 0.0
    for item in penalties:
        assert random is not None
        each = [item.penalty(judge, real, fake, random) for judge in judges]
        value = sum(one for one, _ in each) / outputs
        figures = {name: sum(told[name] for _, told in each) / outputs for name in each[0][1]}
        total = total + item.weight * value
        logs[f"{player}_{item.name}"] = item.weight * value
        logs.update({f"{player}_{name}": figure for name, figure in figures.items()})
    return total, logs


def output_count(discriminator: keras.Model) -> int:
    """Return how many outputs a discriminator has, as one for each scale.

    Args:
        discriminator: one that is neither functional nor sequential has one.
    """
    return len(getattr(discriminator, "outputs", None) or [discriminator])


def _output(judge: Callable[[Any], Any], index: int) -> Callable[[Any], Any]:
    return lambda pictures: judge(pictures)[index]


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
