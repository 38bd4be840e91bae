"""One optimizer a player, in a container that Keras saves, restores and tracks as one optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from zoo import backend
from zoo.models.keras_callbacks import PlayerView, refuse_scheduled, unscaled


@keras.saving.register_keras_serializable(package="zoo")
class PlayerOptimizers(keras.optimizers.Optimizer):
    """The optimizers of a model's players.

    `iterations` counts the model's steps, one for all players together. Each player has its own optimizer and
    learning rate: `players["generator"].learning_rate`. Keras's callbacks see `optimizers`, as they do of its own
    `MultiOptimizer`, and treat every player by itself: `ReduceLROnPlateau` lowers each rate by its factor, so that
    two rates keep their ratio, and `LearningRateScheduler` asks its function for each. Keras's own `MultiOptimizer`
    refuses loss scaling inside and comes back from a file without its slots.

    Args:
        optimizers: an unbuilt optimizer for each player.
        name: name of the container.
    """

    def __init__(
        self,
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        name: str = "player_optimizers",
    ) -> None:
        # A rate that is a function makes no variable; nothing ever calls it.
        super().__init__(learning_rate=lambda: 0.0, name=name)
        self.players = dict(optimizers)
        self.trained: Mapping[str, Sequence[keras.Variable]] = MappingProxyType({})

    def build_players(self, variables: Mapping[str, Sequence[keras.Variable]]) -> None:
        """Create every optimizer's slots.

        Args:
            variables: what each player's optimizer updates.
        """
        # A proxy, because on TensorFlow variables in a plain dict would become the optimizer's own.
        self.trained = MappingProxyType({name: tuple(variables[name]) for name in self.players})
        for player, optimizer in self.players.items():
            optimizer.build(list(variables[player]))
            backend.tune(unscaled(optimizer))
        self.built = True

    @property
    def variables(self) -> list[keras.Variable]:
        """The step counter and all variables of the inner optimizers."""
        inner = (optimizer.variables for optimizer in self.players.values())
        variables: list[keras.Variable] = sum(inner, super().variables)
        return variables

    def save_own_variables(self, store: Any) -> None:
        """Store the step counter; Keras visits the inner optimizers by itself."""
        store["iterations"] = self.iterations.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Restore the step counter."""
        self.iterations.assign(store["iterations"])

    def finalize_variable_values(self, variables: Any) -> None:
        """Overwrite weights by their moving averages in optimizers that keep them."""
        del variables
        for player, optimizer in self.players.items():
            optimizer.finalize_variable_values(self.trained[player])
            if unscaled(optimizer).use_ema:
                # On JAX a weight now shares its buffer with its average, and the next step may donate it only once.
                for variable in self.trained[player]:
                    variable.assign(ops.copy(variable.value))

    @property
    def optimizers(self) -> list[PlayerView]:
        """The players' optimizers in their order, as Keras's callbacks expect them."""
        return [PlayerView(player, self.players) for player in self.players]

    @property
    def learning_rate(self) -> Any:
        """The learning rate of all players, if they have the same one; setting it sets that of each.

        Raises:
            AttributeError: if it is read and the players have different rates.
            TypeError: if it is set to a number, but a player's rate follows a schedule.
        """
        rates = {player: optimizer.learning_rate for player, optimizer in self.players.items()}
        values = {player: float(ops.convert_to_numpy(rate)) for player, rate in rates.items()}
        if len(set(values.values())) > 1:
            told = ", ".join(f"{player} {value:g}" for player, value in values.items())
            names = " or ".join(f"players['{player}'].learning_rate" for player in rates)
            raise AttributeError(f"the players' learning rates differ ({told}); read {names}")
        return next(iter(rates.values()))

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        refuse_scheduled(self.players, rate)
        for optimizer in self.players.values():
            optimizer.learning_rate = rate

    def take_schedules(self, other: PlayerOptimizers) -> None:
        """Follow the learning rate schedules of other optimizers; rates that are numbers stay.

        Args:
            other: optimizers of the same players.
        """
        for player, optimizer in self.players.items():
            rate = unscaled(other.players[player])._learning_rate
            if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
                unscaled(optimizer).learning_rate = rate

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        inner = {
            player: keras.saving.serialize_keras_object(optimizer)
            for player, optimizer in self.players.items()
        }
        return {"optimizers": inner, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> PlayerOptimizers:
        """Create it from its arguments."""
        inner = {
            player: keras.saving.deserialize_keras_object(item, custom_objects=custom_objects)
            for player, item in config["optimizers"].items()
        }
        return cls(inner, name=config["name"])


def per_player(optimizer: Any, players: Sequence[str]) -> dict[str, keras.optimizers.Optimizer]:
    """Return an optimizer for each player, in the players' order, from what `compile` was given.

    Args:
        optimizer: a mapping from players to optimizers (or their Keras names), or `PlayerOptimizers`.
        players: names of the players.

    Raises:
        ValueError: if a player has none, a name is no player, or two players share one optimizer.
    """
    given = optimizer.players if isinstance(optimizer, PlayerOptimizers) else optimizer
    wanted = ", ".join(f"'{player}'" for player in players)
    if not isinstance(given, Mapping):
        raise ValueError(
            f"the model needs an optimizer for each of its players: a dict with the keys {wanted}, "
            f"but compile got {given!r}"
        )
    if set(given) != set(players):
        found = ", ".join(f"'{player}'" for player in given)
        raise ValueError(
            f"the optimizers must be for exactly the players {wanted}, but they are for {found or 'none'}"
        )
    inner = {player: keras.optimizers.get(given[player]) for player in players}
    if len({id(item) for item in inner.values()}) < len(inner):
        raise ValueError(
            "two players share one optimizer, but its slots fit one player's weights; give each its own"
        )
    return inner
