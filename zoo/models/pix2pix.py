"""pix2pix: a conditional GAN on pairs of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

from zoo.backend.random import Random
from zoo.losses.adversarial import AdversarialLoss, over_outputs
from zoo.losses.feature_matching import compares_features, features_to_match
from zoo.models.masks import over_valid
from zoo.models.parts import Inference, Parts, WeightedLoss, WeightedPenalty, refuse_unpaired
from zoo.models.penalize import output_count, penalize, penalty_names
from zoo.models.player import Batch, Losses, Player
from zoo.models.serialization import deserialize_arguments, serialize_losses, serialize_penalties
from zoo.models.translation_model import TranslationModel
from zoo.networks.features import feature_network


@keras.saving.register_keras_serializable(package="zoo")
class Pix2Pix(TranslationModel):
    """The discriminator judges source and picture together; the generator also stays near the target.

    The discriminator is updated first, its objective halved (the logs show both halves whole). The generator
    then faces the updated discriminator. Source: https://arxiv.org/abs/1611.07004.

    Args:
        generator: source (N, H, W, C) in [-1, 1] to a picture in [-1, 1].
        discriminator: source and picture stacked as channels, to logits; the picture alone if not `conditional`.
        adversarial: the adversarial objective.
        adversarial_weight: its factor in the generator's objective.
        reconstruction: losses between fake and target.
        penalties: penalties on the discriminator, by the picture and not by the source.
        discriminator_weight: factor of the adversarial losses in the discriminator's objective.
        discriminator_steps: updates of the discriminator a step, each on its own share of the batch.
        conditional: whether the discriminator sees the source as well.
        feature_names: layers of the discriminator whose outputs a loss such as feature matching compares; those that
            it offers if there are none.
        inference: how the generator translates outside training.
        name: name of the model.
    """

    takes_masks = True

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        adversarial: AdversarialLoss,
        *,
        adversarial_weight: float = 1.0,
        reconstruction: Sequence[WeightedLoss] = (),
        penalties: Sequence[WeightedPenalty] = (),
        discriminator_weight: float = 0.5,
        discriminator_steps: int = 1,
        conditional: bool = True,
        feature_names: Sequence[str] = (),
        inference: Inference = Inference(),  # noqa: B008 - frozen
        name: str | None = None,
    ) -> None:
        self.adversarial = adversarial
        self.adversarial_weight = adversarial_weight
        self.reconstruction = tuple(reconstruction)
        self.penalties = tuple(penalties)
        self.discriminator_weight = discriminator_weight
        self.discriminator_steps = discriminator_steps
        self.conditional = conditional
        super().__init__(generator, inference=inference, name=name)
        self.discriminator = discriminator
        matched = any(compares_features(item.loss) for item in self.reconstruction)
        self.feature_names = (
            tuple(feature_names) or features_to_match(discriminator) if matched else ()
        )
        self.features: Any = feature_network(discriminator, self.feature_names) if matched else None
        self.random = Random(name="random") if self.penalties else None

    @property
    def players(self) -> dict[str, Player]:
        """The discriminator, then the generator."""
        return {
            "discriminator": Player(
                [self.discriminator], self.discriminator_losses, updates=self.discriminator_steps
            ),
            "generator": Player([self.generator], self.generator_losses, generates=True),
        }

    @property
    def loss_names(self) -> tuple[str, ...]:
        """The generator's weighted losses, the discriminator's on real and on fake pairs, and its penalties."""
        return (
            "generator_adversarial",
            *(f"generator_{item.name}" for item in self.reconstruction),
            "discriminator_real",
            "discriminator_fake",
            *penalty_names(self.penalties),
        )

    def generate(self, batch: Batch) -> dict[str, Any]:
        """Return the fake target of each source picture."""
        return {"target": self.generator(batch["source"], training=True)}

    def discriminator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return half the loss on fake and real pairs with the weighted penalties, and each of them."""
        fake_logits = self._judge(batch["source"], fakes["target"])
        real_logits = self._judge(batch["source"], batch["target"])
        real, fake = over_outputs(self.adversarial.discriminator, real_logits, fake_logits)
        penalty, logs = penalize(
            self.penalties,
            lambda picture: self._judge(batch["source"], picture),
            batch["target"],
            fakes["target"],
            self.random,
            outputs=output_count(self.discriminator),
        )
        objective = self.discriminator_weight * (real + fake) + penalty
        return objective, {"discriminator_real": real, "discriminator_fake": fake, **logs}

    def generator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return the sum of the weighted losses, and each of them."""
        real, fake = batch["target"], fakes["target"]
        if self.features is None:
            logits = self._judge(batch["source"], fake)
        else:
            real_features, _ = self._see(batch["source"], real)
            fake_features, logits = self._see(batch["source"], fake)
        adversarial = over_outputs(self.adversarial.generator, logits)
        losses = {"generator_adversarial": self.adversarial_weight * adversarial}
        for item in self.reconstruction:
            if compares_features(item.loss):
                distance = item.loss(real_features, fake_features)
            else:
                distance = over_valid(item.loss(real, fake), batch)
            losses[f"generator_{item.name}"] = item.weight * distance
        return sum(losses.values()), losses

    def _judge(self, source: Any, picture: Any) -> Any:
        return self.discriminator(self._shown(source, picture), training=True)

    def _see(self, source: Any, picture: Any) -> Any:
        return self.features(self._shown(source, picture), training=True)

    def _shown(self, source: Any, picture: Any) -> Any:
        return ops.concatenate([source, picture], axis=-1) if self.conditional else picture

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "adversarial": serialize(self.adversarial),
            "adversarial_weight": self.adversarial_weight,
            "reconstruction": serialize_losses(self.reconstruction),
            "penalties": serialize_penalties(self.penalties),
            "discriminator_weight": self.discriminator_weight,
            "discriminator_steps": self.discriminator_steps,
            "conditional": self.conditional,
            "feature_names": self.feature_names,
            "inference": asdict(self.inference),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Pix2Pix:
        """Create it from its arguments."""
        networks = ("generator", "discriminator", "adversarial")
        return cls(**deserialize_arguments(config, networks, custom_objects))


def pix2pix(
    parts: Parts,
    *,
    discriminator_steps: Annotated[int, Field(ge=1, le=100)] = 1,
    conditional: bool = True,
) -> Pix2Pix:
    """Assemble pix2pix.

    Args:
        parts: networks, losses and the way to translate, from a recipe.
        discriminator_steps: updates of the discriminator for one of the generator, each on a batch of its own.
        conditional: whether the discriminator judges source and picture together; false for the paper's ablation, in
            which it sees the picture alone.

    Raises:
        ValueError: if the data are unpaired.
    """
    refuse_unpaired(parts, "pix2pix")
    return Pix2Pix(
        **conditional_parts(parts, conditional=conditional),
        discriminator_steps=discriminator_steps,
        conditional=conditional,
    )


def conditional_parts(parts: Parts, *, conditional: bool = True) -> dict[str, Any]:
    """Return the arguments of `Pix2Pix` that come from a recipe's parts.

    Args:
        parts: networks, losses and the way to translate.
        conditional: whether the discriminator sees the source beside the picture.
    """
    height, width, channels = parts.source_shape
    judged = parts.target_shape[-1] + (channels if conditional else 0)
    return {
        "generator": parts.generator(parts.source_shape, parts.target_shape[-1]),
        "discriminator": parts.discriminator((height, width, judged)),
        "adversarial": parts.adversarial,
        "adversarial_weight": parts.adversarial_weight,
        "reconstruction": parts.reconstruction,
        "penalties": parts.penalties,
        "inference": parts.inference,
    }
