"""The base of adversarial models: one step for all backends, inside an ordinary Keras model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from zoo import backend
from zoo.models.inference import inference_network
from zoo.models.losses import MeanLosses
from zoo.models.optimizers import PlayerOptimizers, per_player
from zoo.models.parts import Inference

GENERATOR = "generator"
DISCRIMINATOR = "discriminator"

Batch = Mapping[str, Any]
Losses = tuple[Any, dict[str, Any]]


class AdversarialModel(backend.StepTrainer, keras.Model, ABC):
    """A generator and a discriminator side that learn from each other; compile it, then fit it.

    A batch is `{"source": …, "target": …}`, float32 (N, H, W, C) in [-1, 1], or Keras's (x, y) of the same. A
    subclass says what it computes, in `keras.ops`; it writes no backend code:

    - `players`: the networks of the "generator" and of the "discriminator" side, in the order of their updates;
    - `generate`: everything that needs the generators' weights;
    - `discriminator_losses` and `generator_losses`: the objective to minimise, and named scalars for the logs;
    - `loss_names`: the names of these scalars.

    The generators run forward once a step. Their gradient is that of `generator_losses` by the fakes, pulled back
    to their weights; so `generator_losses` may use the discriminators, but no generator.

    Args:
        generator: the network that translates source to target.
        inference: how it translates outside training.
        name: name of the model.
    """

    # How often the discriminator side is updated a step, on the same fakes.
    discriminator_steps = 1

    def __init__(
        self,
        generator: keras.Model,
        *,
        inference: Inference = Inference(),  # noqa: B008 - frozen
        name: str | None = None,
    ) -> None:
        # The networks have their policies; the losses between them are always float32.
        super().__init__(name=name, dtype="float32")
        self.generator = generator
        self.inference = inference
        self.inference_network = inference_network(generator, inference)
        self.losses_seen = MeanLosses(self.loss_names)
        self.built = True

    # === What a model computes ===

    @property
    @abstractmethod
    def players(self) -> dict[str, list[keras.Model]]:
        """The networks of each side, in the order of the updates."""

    @property
    @abstractmethod
    def loss_names(self) -> tuple[str, ...]:
        """The names of the logged losses."""

    @abstractmethod
    def generate(self, batch: Batch) -> dict[str, Any]:
        """Return all tensors that depend on the generators' weights, by name.

        Args:
            batch: source and target pictures.
        """

    @abstractmethod
    def discriminator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return the discriminators' objective, a scalar, and the losses to log.

        Args:
            batch: source and target pictures.
            fakes: what `generate` returned, as constants.
        """

    @abstractmethod
    def generator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return the generators' objective, a scalar, and the losses to log.

        Args:
            batch: source and target pictures.
            fakes: what `generate` returned; the objective is differentiated by them.
        """

    # === The step ===

    def learn(self, data: Any) -> dict[str, Any]:
        """Update every player by a batch; return the mean losses of the epoch so far."""
        batch = _as_batch(data)
        weights = self.optimizer.trained
        fakes, to_weights, _ = backend.weights_vjp(
            lambda: (self.generate(batch), None), weights[GENERATOR]
        )
        logs: dict[str, Any] = {}
        for player in self.players:
            optimizer = self.optimizer.optimizers[player]
            if player == GENERATOR:
                objective, to_fakes, losses = backend.vjp(
                    lambda fakes: self.generator_losses(batch, fakes), fakes
                )
                gradients = to_weights(to_fakes(_unit(optimizer, objective)))
                backend.apply(optimizer, gradients, weights[player])
            else:
                for _ in range(self.discriminator_steps):
                    objective, pullback, losses = backend.weights_vjp(
                        lambda: self.discriminator_losses(batch, fakes), weights[player]
                    )
                    gradients = pullback(_unit(optimizer, objective))
                    backend.apply(optimizer, gradients, weights[player])
            logs.update(losses)
        self.optimizer.iterations.assign_add(1)
        self.losses_seen.update_state(logs)
        return self.losses_seen.result()

    def assess(self, data: Any) -> dict[str, Any]:
        """Translate a batch and update the compiled metrics; return their values so far."""
        batch = _as_batch(data)
        translated = self(batch["source"], training=False)
        return self.compute_metrics(batch, None, translated)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Update the compiled metrics and return their values.

        Args:
            x: a batch, or the source pictures.
            y: the target pictures, if `x` is no batch.
            y_pred: translated pictures.
            sample_weight: not used.
        """
        target = x["target"] if y is None else y
        results = super().compute_metrics(x, target, y_pred, sample_weight)
        return {name: value for name, value in results.items() if name not in self.loss_names}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The losses and the compiled metrics; Keras's own `loss` says nothing about two players."""
        # Keras asks for the result of the compiled metrics after an epoch that did not touch them; on TensorFlow
        # they have no variables before the first evaluation.
        return [
            metric
            for metric in super().metrics
            if metric.name != "loss" and getattr(metric, "built", True)
        ]

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Translate source pictures.

        Args:
            inputs: (N, H, W, C) in [-1, 1], or a batch with them as its source.
            training: whether to run as in training; otherwise as `inference` says.
        """
        source = inputs["source"] if isinstance(inputs, Mapping) else inputs
        if training:
            return self.generator(source, training=True)
        return self.inference_network(source, training=False)

    # === Keras: compiling and saving ===

    def compile(
        self,
        optimizer: Any,
        metrics: Sequence[Any] | None = None,
        *,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
    ) -> None:
        """Prepare for training; the optimizers' slots are created here.

        Networks in float16 get dynamic loss scaling around their optimizer.

        Args:
            optimizer: a dict with an optimizer for each player.
            metrics: Keras metrics of (target, translated), for `evaluate`.
            run_eagerly: whether to run Python line by line, for debugging.
            steps_per_execution: batches in one compiled call.
            jit_compile: whether to compile by XLA; "auto" is yes on JAX and on TensorFlow with a GPU.
        """
        inner = per_player(optimizer, tuple(self.players))
        for player, networks in self.players.items():
            scaled = isinstance(inner[player], keras.optimizers.LossScaleOptimizer)
            if _in_float16(networks) and not scaled:
                inner[player] = keras.optimizers.LossScaleOptimizer(inner[player])
        container = PlayerOptimizers(inner)
        container.build_players({name: _weights(nets) for name, nets in self.players.items()})
        super().compile(
            optimizer=container,
            metrics=metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self._jit_choice = jit_compile

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return the arguments of `compile`, so that a file restores them on any backend."""
        if not self.compiled:
            return None
        config = super().get_compile_config()
        kept = ("optimizer", "metrics", "run_eagerly", "steps_per_execution")
        return {**{name: config[name] for name in kept}, "jit_compile": self._jit_choice}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with the arguments that a file holds."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def save_own_variables(self, store: Any) -> None:
        """Store the random streams, which Keras leaves out of files; a resumed run draws on."""
        for index, seed in enumerate(self._random_states()):
            store[f"random_{index}"] = seed.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Restore the random streams."""
        for index, seed in enumerate(self._random_states()):
            seed.assign(store[f"random_{index}"])

    def _random_states(self) -> list[keras.Variable]:
        weights = {id(variable) for variable in self.weights}
        return [variable for variable in self.variables if id(variable) not in weights]


def _as_batch(data: Any) -> Batch:
    x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
    return x if y is None else {"source": x, "target": y}


def _weights(networks: Sequence[keras.Model]) -> list[keras.Variable]:
    return [variable for network in networks for variable in network.trainable_variables]


def _unit(optimizer: keras.optimizers.Optimizer, objective: Any) -> Any:
    """The cotangent of an objective: 1, or the loss scale."""
    return optimizer.scale_loss(ops.ones_like(objective))


def _in_float16(networks: Sequence[keras.Model]) -> bool:
    return any(
        layer.compute_dtype == "float16"
        for network in networks
        for layer in network._flatten_layers()
    )
