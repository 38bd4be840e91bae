"""The base of models: one step for all backends and any number of players, inside an ordinary Keras model."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo import backend
from zoo.models.ema import MovingAverage
from zoo.models.held_out_metrics import HeldOutMetrics
from zoo.models.inference import inference_network
from zoo.models.losses import MeanLosses
from zoo.models.masks import MASK, with_holes_of
from zoo.models.optimizers import PlayerOptimizers, per_player
from zoo.models.parts import Inference
from zoo.models.player import Batch, Fakes, Player, refuse_shared
from zoo.models.step import update_players

NO_WEIGHTS = (
    "the model takes no sample_weight and no class_weight: its losses are means over whole batches; "
    "leave them out, and show a picture more often to give it more weight"
)


class TranslationModel(backend.StepTrainer, keras.Model, ABC):
    """Networks that learn to translate pictures; compile it, then fit it.

    A batch is `{"source": …, "target": …}`, float32 (N, H, W, C) in [-1, 1], or Keras's (x, y) of the same. A
    subclass says what it computes, in `keras.ops`; it writes no backend code:

    - `players`: who learns what, in the order of the updates: a generator and a discriminator as a rule, but also one
      player alone, or three;
    - `generate`: everything that needs the weights of players that generate;
    - `loss_names`: the names of the scalars that the players' losses log;
    - where they differ from what is given, `prepared`: the batch that networks learn from; `finished`: the network that
      translates; `samples`: what a sample grid shows.

    A batch may have a `"target_mask"`, (N, H, W, 1): 0 in holes of targets, 1 elsewhere. A model whose `takes_masks`
    says so learns nothing from holes: there, what `generate` returned as `"target"` is replaced by the target, before
    any loss or discriminator sees it. Its losses that are means over pixels are to be divided by the share of pixels
    that have a value: `zoo.models.masks.over_valid`. Metrics get the mask as their `sample_weight`.

    Args:
        generator: the network that translates source to target.
        inverse_generator: the network of the opposite direction, if the model trains one.
        inference: how the generators translate outside training.
        name: name of the model.
    """

    # The columns of `samples` that show source pictures; all others show target pictures.
    source_columns: tuple[str, ...] = ("source",)
    # Of `samples`, each column of translated pictures, that of what they were translated from, and one of pictures of
    # the kind that they should be: by them a training notices generators that collapse or copy.
    translations: tuple[tuple[str, str, str], ...] = (("translated", "source", "target"),)
    # Whether its losses heed the masks of targets.
    takes_masks = False

    def __init__(
        self,
        generator: keras.Model,
        *,
        inverse_generator: keras.Model | None = None,
        inference: Inference = Inference(),  # noqa: B008 - frozen
        name: str | None = None,
    ) -> None:
        # The networks have their policies; the losses between them are always float32.
        super().__init__(name=name, dtype="float32")
        self.generator = generator
        self.inverse_generator = inverse_generator
        self.inference = inference
        self.average, network = self._translator(generator)
        self.inference_network: keras.Model = network
        self.inverse_average, self.inverse_inference_network = self._translator(inverse_generator)
        self.losses_seen = MeanLosses(self.loss_names)
        self.held_out_metrics = HeldOutMetrics()
        self.built = True

    def _translator(
        self, generator: keras.Model | None
    ) -> tuple[MovingAverage | None, keras.Model | None]:
        """Return the moving average of a generator, if one is kept, and the network that translates."""
        if generator is None:
            return None, None
        momentum = self.inference.ema
        average = MovingAverage(generator, momentum) if momentum else None
        network = average.network if average else generator
        return average, self.finished(inference_network(network, self.inference))

    @property
    def translators(self) -> dict[str, keras.Model]:
        """The networks that translate outside training: `generator`, and `inverse_generator` if there is one."""
        found: dict[str, keras.Model] = {"generator": self.inference_network}
        if self.inverse_inference_network is not None:
            found["inverse_generator"] = self.inverse_inference_network
        return found

    # === What a model computes ===

    @property
    @abstractmethod
    def players(self) -> dict[str, Player]:
        """The players by name, in the order of their updates; each needs an optimizer of its name."""

    @property
    @abstractmethod
    def loss_names(self) -> tuple[str, ...]:
        """The names of the logged losses."""

    def generate(self, batch: Batch) -> Fakes:
        """Return all tensors that depend on the weights of players that generate, by name; by default none.

        Args:
            batch: source and target pictures.
        """
        del batch
        return {}

    def prepared(self, batch: Batch) -> Batch:
        """Return a batch as the networks learn from it; a model of another colour space converts it here.

        Args:
            batch: source and target pictures, as the data bring them.
        """
        return batch

    def finished(self, network: keras.Model) -> keras.Model:
        """Return what every output uses in the place of a network that translates, pictures in and pictures out.

        Args:
            network: follows `inference`.
        """
        return network

    def samples(self, source: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
        """Return the columns of a sample grid, by their labels.

        `source_columns` names those that show source pictures, `translations` those that show what was translated.

        Args:
            source: held-out source pictures (N, H, W, C) in [-1, 1].
            target: their targets.
        """
        translated = np.asarray(self.predict_on_batch(source), np.float32)
        return {"source": source, "translated": translated, "target": target}

    # === The step ===

    @property
    def shares(self) -> int:
        """The parts that a step cuts its batch into, as many as the most eager player's updates."""
        return max(player.updates for player in self.players.values())

    def learn(self, data: Any) -> dict[str, Any]:
        """Update every player by a batch; return the mean losses of the epoch so far."""
        logs = update_players(self, self._prepared(_as_batch(data)))
        self.optimizer.iterations.assign_add(1)
        self.losses_seen.update_state(logs)
        return self.losses_seen.result()

    def _prepared(self, batch: Batch) -> Batch:
        """Return a batch as the networks learn from it, with its mask."""
        prepared = self.prepared(batch)
        if MASK not in batch:
            return prepared
        if not self.takes_masks:
            raise ValueError(
                f"{type(self).__name__} takes no masks of targets; leave {MASK} out of the batches"
            )
        return {**prepared, MASK: batch[MASK]}

    def follow(self, player: Player, updates: Any) -> None:
        """Let the moving averages of a player's networks follow them.

        Args:
            player: was updated.
            updates: how often it was so far, a scalar.
        """
        for average, network in (
            (self.average, self.generator),
            (self.inverse_average, self.inverse_generator),
        ):
            if average is not None and any(item is network for item in player.networks):
                average.follow(network, updates)

    def fit(
        self, *data: Any, sample_weight: Any = None, class_weight: Any = None, **options: Any
    ) -> Any:
        """Train as `keras.Model.fit` does.

        Raises:
            ValueError: if there are weights of classes or of samples.
        """
        # Before the step: Keras on JAX takes the variables' values away while a step runs.
        if sample_weight is not None or class_weight is not None:
            raise ValueError(NO_WEIGHTS)
        return super().fit(*data, **options)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        *,
        steps: int | None = None,
        return_dict: bool = False,
        **options: Any,
    ) -> Any:
        """Return the metrics of held-out batches as `keras.Model.evaluate` does; without any, nothing at once.

        Metrics that are `eager` are computed after all others, outside graphs, for which the batches are read again.
        """
        options |= {"batch_size": batch_size, "steps": steps}
        metrics = self.held_out_metrics
        if not self.compiled or (metrics.compiled and not metrics.eager):
            return super().evaluate(x, y, return_dict=return_dict, **options)
        figures: dict[str, float] = {}
        if metrics.compiled:  # without any Keras fails on TensorFlow
            figures = super().evaluate(x, y, return_dict=True, **options)
        figures |= metrics.evaluate_eager(self, x, y, batch_size, steps) if metrics.eager else {}
        return figures if return_dict else list(figures.values())

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
        target, mask = (x["target"], x.get(MASK)) if y is None else (y, None)
        if mask is None:
            results = super().compute_metrics(x, target, y_pred, sample_weight)
        else:
            results = self._metrics_over(mask, target, y_pred)
        return {name: value for name, value in results.items() if name not in self.loss_names}

    def _metrics_over(self, mask: Any, target: Any, translated: Any) -> dict[str, Any]:
        """Update the compiled metrics without the holes of targets; return their values."""
        translated = with_holes_of(target, translated, mask)
        compiled = self._compile_metrics
        if compiled is not None:
            if not compiled.built:
                compiled.build(target, translated)
            # Keras gives weights only to metrics that were compiled as `weighted_metrics`.
            for metric in compiled.metrics:
                metric.update_state(target, translated, sample_weight=mask)
        results: dict[str, Any] = self.get_metrics_result()
        return results

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
        """Translate source pictures as `inference` says.

        Args:
            inputs: (N, H, W, C) in [-1, 1], or a batch with them as its source.
            training: changes nothing; only a step trains.
        """
        del training
        source = inputs["source"] if isinstance(inputs, Mapping) else inputs
        return self.inference_network(source, training=False)

    # === Keras: compiling and saving ===

    def export(self, filepath: Any, format: str = "tf_saved_model", **options: Any) -> None:
        """Export the network that translates, pictures in and pictures out, as `keras.Model.export` does.

        Args:
            filepath: file or folder to write.
            format: "tf_saved_model", or another that Keras writes on this backend.
            options: Keras's further arguments, as `verbose` and `input_signature`.
        """
        # Keras's own writer of OpenVINO takes no `Path`.
        self.inference_network.export(os.fspath(filepath), format=format, **options)

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
            metrics: Keras metrics of (target, translated), for `evaluate`; those that are `eager` run outside graphs.
            run_eagerly: whether to run Python line by line, for debugging.
            steps_per_execution: batches in one compiled call.
            jit_compile: whether to compile by XLA; "auto" is yes on JAX and on TensorFlow with a GPU.
        """
        players = self.players
        refuse_shared(players)
        inner = per_player(optimizer, tuple(players))
        for name, player in players.items():
            scaled = isinstance(inner[name], keras.optimizers.LossScaleOptimizer)
            if player.in_float16 and not scaled:
                inner[name] = keras.optimizers.LossScaleOptimizer(inner[name])
        container = PlayerOptimizers(inner)
        container.build_players({name: player.weights for name, player in players.items()})
        told = HeldOutMetrics.of(metrics)
        super().compile(
            optimizer=container,
            metrics=list(told.compiled) or None,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self._jit_choice = jit_compile
        self.held_out_metrics = told

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return the arguments of `compile`, so that a file restores them on any backend."""
        if not self.compiled:
            return None
        config = super().get_compile_config()
        kept = ("optimizer", "run_eagerly", "steps_per_execution")
        return {
            **{name: config[name] for name in kept},
            "metrics": keras.saving.serialize_keras_object(self.held_out_metrics.all or None),
            "jit_compile": self._jit_choice,
        }

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
    x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
    if weights is not None:
        raise ValueError(NO_WEIGHTS)
    batch = x if y is None else {"source": x, "target": y}
    # Keras on torch hands arrays on as they are, which no operator of a tensor takes.
    return {name: ops.convert_to_tensor(part) for name, part in batch.items()}
