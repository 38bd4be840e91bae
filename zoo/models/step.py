"""One step: every player of a model learns from a batch, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import keras
from keras import ops

from zoo import backend
from zoo.models.masks import MASK, with_holes_of
from zoo.models.player import Batch, Fakes, Player


class Played(Protocol):
    """What a step needs of a model; see `zoo.TranslationModel`."""

    optimizer: Any

    @property
    def players(self) -> Mapping[str, Player]:
        """The players by name, in the order of their updates."""
        ...

    @property
    def shares(self) -> int:
        """The parts that a batch is cut into."""
        ...

    def generate(self, batch: Batch) -> Fakes:
        """Return all tensors that depend on the weights of players that generate."""
        ...

    def follow(self, player: Player, updates: Any) -> None:
        """Let what follows a player's networks follow them."""
        ...


def update_players(model: Played, batch: Batch) -> dict[str, Any]:
    """Update every player; return their losses, of several updates the mean.

    Args:
        model: compiled.
        batch: as the networks learn from it.
    """
    players, weights = model.players, model.optimizer.trained
    shares = _share_out(batch, model.shares)
    # The one forward pass of the generators: all players see these fakes, and the first that generates learns by it; a
    # later one, or a second update, finds other weights and so makes its own.
    first = next((name for name, player in players.items() if player.generates), None)
    if first and players[first].updates > 1:
        first = None
    fakes, to_weights = _generate(model, shares[-1], weights[first] if first else [])
    logs: dict[str, Any] = {}
    for name, player in players.items():
        optimizer = model.optimizer.players[name]
        seen = []
        for share in shares[len(shares) - player.updates :]:
            last = share is shares[-1]
            if not player.generates:
                made = fakes if last else _generate(model, share, [])[0]
                seen.append(_learn(player, optimizer, share, made, weights[name]))
                continue
            if name == first:
                made, pullback = fakes, to_weights
            else:
                made, pullback = _generate(model, share, weights[name])
            seen.append(_learn_by_fakes(player, optimizer, share, made, pullback, weights[name]))
            model.follow(player, optimizer.iterations)
        logs.update({loss: sum(one[loss] for one in seen) / len(seen) for loss in seen[0]})
    return logs


def _generate(model: Played, batch: Batch, weights: Any) -> tuple[Fakes, Callable[[Any], Any]]:
    """Return what the generators make of a batch, as constants, and the pullback to the weights."""

    def made() -> tuple[Fakes, None]:
        fakes = model.generate(batch)
        if MASK in batch and "target" in fakes:
            target = with_holes_of(batch["target"], fakes["target"], batch[MASK])
            fakes = {**fakes, "target": target}
        return fakes, None

    fakes, pullback, _ = backend.weights_vjp(made, weights)
    return fakes, pullback


def _learn_by_fakes(
    player: Player,
    optimizer: keras.optimizers.Optimizer,
    batch: Batch,
    fakes: Fakes,
    to_weights: Callable[[Any], Any],
    weights: Any,
) -> dict[str, Any]:
    """Update a player that generates; return its losses."""
    losses: dict[str, Any]
    objective, to_fakes, losses = backend.vjp(lambda fakes: player.losses(batch, fakes), fakes)
    gradients = to_weights(to_fakes(_unit(optimizer, objective)))
    backend.apply(optimizer, gradients, weights)
    return losses


def _learn(
    player: Player,
    optimizer: keras.optimizers.Optimizer,
    batch: Batch,
    fakes: Fakes,
    weights: Any,
) -> dict[str, Any]:
    """Update a player that takes the fakes as they are; return its losses."""
    shown = player.shown(batch, fakes) if player.shown else fakes
    losses: dict[str, Any]
    objective, to_weights, losses = backend.weights_vjp(
        lambda: player.losses(batch, shown), weights
    )
    backend.apply(optimizer, to_weights(_unit(optimizer, objective)), weights)
    return losses


def _share_out(batch: Batch, count: int) -> list[Batch]:
    """Cut a batch into parts of equal size, in order."""
    if count == 1:
        return [batch]
    size = ops.shape(next(iter(batch.values())))[0]
    if isinstance(size, int) and size % count:
        raise ValueError(
            f"a batch of {size} cannot be shared out among {count} updates of a player; "
            f"its size must be a multiple of {count}"
        )
    share = size // count
    return [
        {name: part[index * share : (index + 1) * share] for name, part in batch.items()}
        for index in range(count)
    ]


def _unit(optimizer: keras.optimizers.Optimizer, objective: Any) -> Any:
    """The cotangent of an objective: 1, or the loss scale."""
    return optimizer.scale_loss(ops.ones_like(objective))
