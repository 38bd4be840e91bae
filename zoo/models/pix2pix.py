"""pix2pix: a conditional GAN on pairs of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import keras
from keras import ops

from zoo.losses.adversarial import AdversarialLoss
from zoo.models.adversarial import AdversarialModel, Batch, Losses
from zoo.models.parts import Inference, Parts, WeightedLoss


@keras.saving.register_keras_serializable(package="zoo")
class Pix2Pix(AdversarialModel):
    """The discriminator judges source and picture together; the generator also stays near the target.

    The discriminator is updated first, its objective halved (the logs show both halves whole). The generator
    then faces the updated discriminator. Source: https://arxiv.org/abs/1611.07004.

    Args:
        generator: source (N, H, W, C) in [-1, 1] to a picture in [-1, 1].
        discriminator: source and picture stacked as channels, to logits.
        adversarial: the adversarial objective.
        adversarial_weight: its factor in the generator's objective.
        reconstruction: losses between fake and target.
        inference: how the generator translates outside training.
        name: name of the model.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        adversarial: AdversarialLoss,
        *,
        adversarial_weight: float = 1.0,
        reconstruction: Sequence[WeightedLoss] = (),
        inference: Inference = Inference(),  # noqa: B008 - frozen
        name: str | None = None,
    ) -> None:
        self.adversarial = adversarial
        self.adversarial_weight = adversarial_weight
        self.reconstruction = tuple(reconstruction)
        super().__init__(generator, inference=inference, name=name)
        self.discriminator = discriminator

    @property
    def players(self) -> dict[str, list[keras.Model]]:
        """The discriminator, then the generator."""
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    @property
    def loss_names(self) -> tuple[str, ...]:
        """The generator's weighted losses, and the discriminator's on real and on fake pairs."""
        weighted = [f"generator_{item.name}" for item in self.reconstruction]
        return (
            "generator_adversarial",
            *weighted,
            "discriminator_real",
            "discriminator_fake",
        )

    def generate(self, batch: Batch) -> dict[str, Any]:
        """Return the fake target of each source picture."""
        return {"target": self.generator(batch["source"], training=True)}

    def discriminator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return half the loss on fake and real pairs, and both."""
        fake_logits = self._judge(batch["source"], fakes["target"])
        real_logits = self._judge(batch["source"], batch["target"])
        real, fake = self.adversarial.discriminator(real_logits, fake_logits)
        return 0.5 * (real + fake), {"discriminator_real": real, "discriminator_fake": fake}

    def generator_losses(self, batch: Batch, fakes: dict[str, Any]) -> Losses:
        """Return the sum of the weighted losses, and each of them."""
        logits = self._judge(batch["source"], fakes["target"])
        losses = {
            "generator_adversarial": self.adversarial_weight * self.adversarial.generator(logits)
        }
        for item in self.reconstruction:
            distance = item.loss(batch["target"], fakes["target"])
            losses[f"generator_{item.name}"] = item.weight * distance
        return sum(losses.values()), losses

    def _judge(self, source: Any, picture: Any) -> Any:
        return self.discriminator(ops.concatenate([source, picture], axis=-1), training=True)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "adversarial": serialize(self.adversarial),
            "adversarial_weight": self.adversarial_weight,
            "reconstruction": [
                {"name": item.name, "loss": serialize(item.loss), "weight": item.weight}
                for item in self.reconstruction
            ],
            "inference": asdict(self.inference),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Pix2Pix:
        """Create it from its arguments."""

        def deserialize(item: Any) -> Any:
            return keras.saving.deserialize_keras_object(item, custom_objects=custom_objects)

        config = dict(config)
        for name in ("generator", "discriminator", "adversarial"):
            config[name] = deserialize(config[name])
        config["reconstruction"] = [
            WeightedLoss(item["name"], deserialize(item["loss"]), item["weight"])
            for item in config["reconstruction"]
        ]
        config["inference"] = Inference(**config["inference"])
        return cls(**config)


def pix2pix(parts: Parts) -> Pix2Pix:
    """Assemble pix2pix.

    Args:
        parts: networks, losses and the way to translate, from a recipe.
    """
    height, width, channels = parts.source_shape
    both = channels + parts.target_shape[-1]
    return Pix2Pix(
        generator=parts.generator(parts.source_shape, parts.target_shape[-1]),
        discriminator=parts.discriminator((height, width, both)),
        adversarial=parts.adversarial,
        adversarial_weight=parts.adversarial_weight,
        reconstruction=parts.reconstruction,
        inference=parts.inference,
    )
