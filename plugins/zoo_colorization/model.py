"""Colorization: colours for the lightness of pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import keras
from pydantic import Field

from zoo import Batch, ConflictError, Parts, Pix2Pix, conditional_parts, refuse_unpaired
from zoo_colorization.lab import colours_of, lightness_of, painter


@keras.saving.register_keras_serializable(package="zoo_colorization")
class Colorization(Pix2Pix):
    """pix2pix from the lightness of pictures to their colours, in Lab; outside training, from RGB to RGB.

    Of a source only its lightness is used, so that it may be grey or not; what is painted has the lightness of the
    source and the colours that the generator gives it. All losses compare colours, or judge lightness and colours
    together. Sources: the task https://arxiv.org/abs/1603.08511, the objective https://arxiv.org/abs/1611.07004.

    The arguments are those of `zoo.models.pix2pix.Pix2Pix`; its generator takes lightness (N, H, W, 1), L / 50 - 1, and
    answers colours (N, H, W, 2), a / 110 and b / 110, and its discriminator takes both stacked.
    """

    def prepared(self, batch: Batch) -> Batch:
        """Return the lightness of the sources and the colours of the targets."""
        return {"source": lightness_of(batch["source"]), "target": colours_of(batch["target"])}

    def finished(self, network: keras.Model) -> keras.Model:
        """Return the network from RGB pictures to RGB pictures around one from lightness to colours."""
        return painter(network)


# As the files of earlier versions name it.
keras.saving.get_custom_objects()["zoo>Colorization"] = Colorization


def colorization(
    parts: Parts, *, discriminator_steps: Annotated[int, Field(ge=1, le=100)] = 1
) -> Colorization:
    """Assemble colorization.

    Args:
        parts: networks, losses and the way to translate, from a recipe.
        discriminator_steps: updates of the discriminator for one of the generator, each on a batch of its own.

    Raises:
        ConflictError: if the data are unpaired, or not RGB.
    """
    refuse_unpaired(parts, "colorization")
    for side, shape in (("source", parts.source_shape), ("target", parts.target_shape)):
        if shape[-1] != 3:
            raise ConflictError(
                f"colorization takes and paints RGB pictures of 3 channels, but the {side} has {shape[-1]}; "
                "use pix2pix, or pictures in RGB, which grey ones may be as well",
                "dataset",
            )
    height, width, _ = parts.source_shape
    in_lab = replace(parts, source_shape=(height, width, 1), target_shape=(height, width, 2))
    return Colorization(**conditional_parts(in_lab), discriminator_steps=discriminator_steps)
