"""CycleGAN: two generators and two discriminators on unpaired pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import keras
import numpy as np
from pydantic import Field

from zoo import (
    AdversarialLoss,
    Batch,
    ConflictError,
    Inference,
    Losses,
    Parts,
    Player,
    Random,
    TranslationModel,
    WeightedLoss,
    WeightedPenalty,
    compares_features,
    deserialize_arguments,
    output_count,
    over_outputs,
    penalize,
    penalty_names,
    require_memory,
    serialize_losses,
    serialize_penalties,
)
from zoo_cyclegan.pool import ImagePool

Factor = Annotated[float, Field(ge=0)]
SIDES = ("source", "target")


@keras.saving.register_keras_serializable(package="zoo_cyclegan")
class CycleGAN(TranslationModel):
    """There and back again must give the picture that went in; each side's discriminator judges what arrives there.

    The generators are updated first, both at once, then both discriminators, whose objectives are halved and whose
    fakes come from an image pool. Source: https://arxiv.org/abs/1703.10593.

    Args:
        generator: source (N, H, W, C) in [-1, 1] to a target picture in [-1, 1].
        inverse_generator: target to a source picture.
        source_discriminator: source pictures to logits.
        target_discriminator: target pictures to logits.
        adversarial: the adversarial objective of both directions.
        adversarial_weight: its factor in the generators' objective.
        cycle: losses between a picture and what came back of it.
        source_cycle_weight: factor of the cycle losses from source to target and back.
        target_cycle_weight: factor of the cycle losses from target to source and back.
        identity_weight: factor, beside those of the cycle, of the losses between a picture and what the generator
            that paints pictures of its kind makes of it; 0 leaves them out.
        pool_size: pictures in each side's image pool; 0 for none.
        penalties: penalties on both discriminators.
        inference: how the generators translate outside training.
        name: name of the model.
    """

    source_columns = ("source", "and back to source", "target to source")
    translations = (
        ("source to target", "source", "target"),
        ("target to source", "target", "source"),
    )

    def __init__(
        self,
        generator: keras.Model,
        inverse_generator: keras.Model,
        source_discriminator: keras.Model,
        target_discriminator: keras.Model,
        adversarial: AdversarialLoss,
        *,
        cycle: Sequence[WeightedLoss],
        adversarial_weight: float = 1.0,
        source_cycle_weight: float = 1.0,
        target_cycle_weight: float = 1.0,
        identity_weight: float = 0.5,
        pool_size: int = 50,
        penalties: Sequence[WeightedPenalty] = (),
        inference: Inference = Inference(),  # noqa: B008 - frozen
        name: str | None = None,
    ) -> None:
        self.adversarial = adversarial
        self.adversarial_weight = adversarial_weight
        self.cycle = tuple(cycle)
        self.cycle_weights = {"source": source_cycle_weight, "target": target_cycle_weight}
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.penalties = tuple(penalties)
        super().__init__(
            generator, inverse_generator=inverse_generator, inference=inference, name=name
        )
        self.discriminators = {"source": source_discriminator, "target": target_discriminator}
        self.pools = {
            "source": ImagePool(pool_size, generator.input_shape[1:], name="source_pool"),
            "target": ImagePool(pool_size, generator.output_shape[1:], name="target_pool"),
        }
        self.random = Random(name="random")

    @property
    def players(self) -> dict[str, Player]:
        """The generators, then the discriminators."""
        generators = [self.generator, self.inverse_generator]
        discriminators = list(self.discriminators.values())
        return {
            "generator": Player(generators, self.generator_losses, generates=True),
            "discriminator": Player(discriminators, self.discriminator_losses, shown=self._shown),
        }

    @property
    def loss_names(self) -> tuple[str, ...]:
        """The generators' weighted losses and the discriminators', each by the side whose pictures it is about."""
        terms = ("adversarial", "cycle", *(("identity",) if self.identity_weight else ()))
        return (
            *(f"generator_{term}_{side}" for term in terms for side in SIDES),
            *(f"discriminator_{side}_{which}" for side in SIDES for which in ("real", "fake")),
            *(
                name
                for side in SIDES
                for name in penalty_names(self.penalties, f"discriminator_{side}")
            ),
        )

    def generate(self, batch: Batch) -> dict[str, Any]:
        """Return the fakes of both sides, what comes back of the pictures, and the identities."""
        there: Any = self.generator
        back: Any = self.inverse_generator
        target = there(batch["source"], training=True)
        source = back(batch["target"], training=True)
        fakes = {
            "target": target,
            "source": source,
            "source_again": back(target, training=True),
            "target_again": there(source, training=True),
        }
        if self.identity_weight:
            fakes["target_same"] = there(batch["target"], training=True)
            fakes["source_same"] = back(batch["source"], training=True)
        return fakes

    def generator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return the sum of the weighted losses of both directions, and each of them."""
        losses = {}
        for side in SIDES:
            logits = self.discriminators[side](fakes[side], training=True)
            adversarial = over_outputs(self.adversarial.generator, logits)
            losses[f"generator_adversarial_{side}"] = self.adversarial_weight * adversarial
        for side in SIDES:
            cycle = self._distance(batch[side], fakes[f"{side}_again"])
            losses[f"generator_cycle_{side}"] = self.cycle_weights[side] * cycle
        for side in SIDES if self.identity_weight else ():
            identity = self._distance(batch[side], fakes[f"{side}_same"])
            weight = self.identity_weight * self.cycle_weights[side]
            losses[f"generator_identity_{side}"] = weight * identity
        return sum(losses.values()), losses

    def _shown(self, batch: Batch, fakes: dict[str, Any]) -> dict[str, Any]:
        """Return fakes of this and of earlier steps."""
        return {side: self.pools[side].exchange(fakes[side], self.random) for side in SIDES}

    def discriminator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return half the losses on real and fake pictures of both sides with the penalties, and each of them."""
        objective: Any = 0.0
        logs: dict[str, Any] = {}
        for side in SIDES:

            def judge(pictures: Any, side: str = side) -> Any:
                return self.discriminators[side](pictures, training=True)

            real, fake = over_outputs(
                self.adversarial.discriminator, judge(batch[side]), judge(fakes[side])
            )
            penalty, figures = penalize(
                self.penalties,
                judge,
                batch[side],
                fakes[side],
                self.random,
                player=f"discriminator_{side}",
                outputs=output_count(self.discriminators[side]),
            )
            objective = objective + 0.5 * (real + fake) + penalty
            logs |= {f"discriminator_{side}_real": real, f"discriminator_{side}_fake": fake}
            logs |= figures
        return objective, logs

    def samples(self, source: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
        """Return both cycles, each from its picture to the other side and back."""
        there, back = self.translators.values()
        columns = {}
        for name, other, pictures, first, second in (
            ("source", "target", source, there, back),
            ("target", "source", target, back, there),
        ):
            translated = np.asarray(first.predict_on_batch(pictures), np.float32)
            columns[name] = pictures
            columns[f"{name} to {other}"] = translated
            columns[f"and back to {name}"] = np.asarray(
                second.predict_on_batch(translated), np.float32
            )
        return columns

    def _distance(self, pictures: Any, made: Any) -> Any:
        return sum(item.weight * item.loss(pictures, made) for item in self.cycle)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "generator": serialize(self.generator),
            "inverse_generator": serialize(self.inverse_generator),
            "source_discriminator": serialize(self.discriminators["source"]),
            "target_discriminator": serialize(self.discriminators["target"]),
            "adversarial": serialize(self.adversarial),
            "adversarial_weight": self.adversarial_weight,
            "cycle": serialize_losses(self.cycle),
            "source_cycle_weight": self.cycle_weights["source"],
            "target_cycle_weight": self.cycle_weights["target"],
            "identity_weight": self.identity_weight,
            "pool_size": self.pool_size,
            "penalties": serialize_penalties(self.penalties),
            "inference": asdict(self.inference),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> CycleGAN:
        """Create it from its arguments."""
        objects = (
            "generator",
            "inverse_generator",
            "source_discriminator",
            "target_discriminator",
            "adversarial",
        )
        # Files of earlier versions have another name for it.
        cycle = config.get("cycle", config.get("reconstruction"))
        given = {name: item for name, item in config.items() if name != "reconstruction"}
        given["cycle"] = cycle
        return cls(**deserialize_arguments(given, objects, custom_objects, losses="cycle"))


# As the files of earlier versions name it.
keras.saving.get_custom_objects()["zoo>CycleGAN"] = CycleGAN


def cyclegan(
    parts: Parts,
    *,
    source_cycle_weight: Factor = 1.0,
    target_cycle_weight: Factor = 1.0,
    identity_weight: Factor = 0.5,
    pool_size: Annotated[int, Field(ge=0, le=10_000)] = 50,
) -> CycleGAN:
    """Assemble CycleGAN; the recipe's reconstruction losses, L1 of weight 10 in the paper, compare the cycles.

    Args:
        parts: networks, losses and the way to translate, from a recipe.
        source_cycle_weight: factor of the cycle losses from source to target and back.
        target_cycle_weight: factor of the cycle losses from target to source and back.
        identity_weight: factor, beside those of the cycle, of the losses between a picture and what the generator
            that paints pictures of its kind makes of it; 0 leaves them out, and with them a third of the time.
        pool_size: pictures in each side's image pool; 0 for none.

    Raises:
        ConflictError: if there is nothing to compare the cycles by, or a loss that compares no pictures.
        ValueError: if source and target differ in channels and identity is asked for, or the pools are too large for
            the machine.
    """
    source, target = parts.source_shape, parts.target_shape
    if not parts.reconstruction:
        raise ConflictError(
            "cyclegan compares what comes back with what went in by losses.reconstruction, which is empty; "
            "give it one, as {name: l1, weight: 10}",
            "losses.reconstruction",
        )
    for index, item in enumerate(parts.reconstruction):
        if compares_features(item.loss):
            raise ConflictError(
                "cyclegan compares pictures, but feature_matching compares a discriminator's features of pairs; "
                "use another loss, as l1, ssim or perceptual",
                f"losses.reconstruction.{index}",
            )
    if identity_weight and source[-1] != target[-1]:
        raise ValueError(
            f"the identity losses send target pictures of {target[-1]} channels through the generator, which takes "
            f"source pictures of {source[-1]}; set identity_weight to 0"
        )
    numbers = (pool_size + 1) * (math.prod(source) + math.prod(target)) if pool_size else 0
    require_memory(4 * numbers, f"two image pools of {pool_size} pictures", "a smaller pool_size")
    return CycleGAN(
        generator=parts.generator(source, target[-1]),
        inverse_generator=parts.generator(target, source[-1]),
        source_discriminator=parts.discriminator(source),
        target_discriminator=parts.discriminator(target),
        adversarial=parts.adversarial,
        adversarial_weight=parts.adversarial_weight,
        cycle=parts.reconstruction,
        source_cycle_weight=source_cycle_weight,
        target_cycle_weight=target_cycle_weight,
        identity_weight=identity_weight,
        pool_size=pool_size,
        penalties=parts.penalties,
        inference=parts.inference,
    )
