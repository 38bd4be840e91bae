"""WGAN-GP on pairs of pictures."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from pydantic import Field

from zoo import ConflictError, Parts, Pix2Pix, conditional_parts, refuse_unpaired


def wgan_gp(
    parts: Parts,
    *,
    critic_steps: Annotated[int, Field(ge=1, le=100)] = 5,
) -> Pix2Pix:
    """Assemble pix2pix with a critic in the place of the discriminator.

    The critic's objective is not halved; its losses are logged as the discriminator's. A step takes `critic_steps`
    batches: the critic learns from each of them, the generator from the last.
    Source: https://arxiv.org/abs/1704.00028.

    Args:
        parts: networks, losses and the way to translate, from a recipe.
        critic_steps: updates of the critic for one of the generator.

    Raises:
        ConflictError: if the data are unpaired, there is no penalty, or the critic has batch norm, which mixes
            the pictures of a batch.
    """
    refuse_unpaired(parts, "wgan_gp")
    if not parts.penalties:
        raise ConflictError(
            "wgan_gp needs a penalty on its critic, but losses.penalties is empty; "
            "give it one, as {name: gradient_penalty, weight: 10}",
            "losses.penalties",
        )
    arguments: dict[str, Any] = conditional_parts(parts)
    if any(
        isinstance(layer, keras.layers.BatchNormalization)
        for layer in arguments["discriminator"]._flatten_layers()
    ):
        raise ConflictError(
            "the gradient penalty is about each picture by itself, but batch norm in the critic mixes the pictures "
            "of a batch; set discriminator.norm to instance or none",
            "discriminator",
        )
    return Pix2Pix(**arguments, discriminator_weight=1.0, discriminator_steps=critic_steps)
