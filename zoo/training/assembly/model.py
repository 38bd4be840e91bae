"""The model of a recipe: its losses put together, its networks built when it asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras

from zoo.data.dataset import Dataset
from zoo.errors import ConflictError, ZooError
from zoo.losses.feature_matching import compares_features, features_to_match
from zoo.models.parts import Inference, Parts, WeightedLoss, WeightedPenalty
from zoo.models.translation_model import TranslationModel
from zoo.recipe.problems import Key
from zoo.recipe.schema import LossSection, PenaltySection
from zoo.registry.model_factory import ModelNeeds, needs_of
from zoo.training.assembly.builder import Builder
from zoo.training.assembly.network_builder import (
    NetworkBuilder,
    check_discriminator,
    check_generator,
    discriminator_stand_in,
    generator_stand_in,
    not_taken,
)

# What a model is made of.
PARTS: tuple[Key, ...] = (("dataset",), ("generator",), ("discriminator",), ("losses",))


@dataclass(frozen=True)
class Losses:
    """The losses of a recipe, created; None for one that is missing or failed.

    Args:
        adversarial: of the section `losses.adversarial`.
        reconstruction: in the order of the recipe.
        penalties: in the order of the recipe.
    """

    adversarial: Any
    reconstruction: Sequence[Any]
    penalties: Sequence[Any]


def make_model(builder: Builder, dataset: Dataset, losses: Losses) -> TranslationModel | None:
    """Build the model; where a part of it cannot be made, only to see what else is wrong with the recipe."""
    choice = builder.recipe.choices.get(("model",))
    if choice is None:
        return None
    needs = needs_of(choice.component.target)
    parts = Parts(
        source_shape=dataset.source_shape,
        target_shape=dataset.target_shape,
        generator=_generator(builder, needs),
        discriminator=_discriminator(builder, needs, losses.reconstruction),
        adversarial=losses.adversarial,
        paired=dataset.paired,
    )
    if not builder.recipe.problems:
        sections = builder.recipe.sections
        parts = replace(
            parts,
            adversarial_weight=sections.losses.adversarial.weight
            if sections.losses.adversarial
            else 1.0,
            reconstruction=tuple(
                WeightedLoss(*item)
                for item in _weighted(sections.losses.reconstruction, losses.reconstruction)
            ),
            penalties=tuple(
                WeightedPenalty(*item)
                for item in _weighted(sections.losses.penalties, losses.penalties)
            ),
            inference=Inference(**sections.inference.model_dump()),
        )
    try:
        model: TranslationModel = choice.create(parts=parts)
        _check_model(model, needs, choice.component.name, dataset)
    except (ValueError, TypeError, ZooError) as error:
        # What stand-ins lead to is no fault of the recipe.
        if not builder.problems:
            builder.note(("model",), error, PARTS)
        return None
    return None if builder.problems else model


def _generator(builder: Builder, needs: ModelNeeds) -> Callable[..., keras.Model]:
    if "generator" not in needs.takes:
        return not_taken("generator")
    note = partial(builder.note, ("generator",), because=(("dataset",),))
    return NetworkBuilder(
        builder.recipe.choices.get(("generator",)), generator_stand_in, check_generator, note
    )


def _discriminator(
    builder: Builder, needs: ModelNeeds, losses: Sequence[Any]
) -> Callable[..., keras.Model]:
    if "discriminator" not in needs.takes:
        return not_taken("discriminator")
    choice = builder.recipe.choices.get(("discriminator",))
    places = [place for place, _ in builder.recipe.choices_of(("losses", "reconstruction"))]

    def check(network: keras.Model, input_shape: tuple[int, int, int]) -> None:
        check_discriminator(network, input_shape)
        assert choice is not None
        for place, loss in zip(places, losses, strict=True):
            if loss is not None and compares_features(loss):
                name = choice.component.name
                look = partial(features_to_match, network, name)
                builder.attempt(place, look, (("discriminator",),))

    note = partial(builder.note, ("discriminator",), because=(("dataset",),))
    return NetworkBuilder(choice, discriminator_stand_in, check, note)


def _check_model(model: Any, needs: ModelNeeds, name: str, dataset: Dataset) -> None:
    """See that a model is one, has the players that its factory declares, and takes the data."""
    if not isinstance(model, TranslationModel):
        raise ZooError(
            f"{name} makes an object of type {type(model).__name__}; expected a zoo.TranslationModel"
        )
    if type(model).get_config is keras.Model.get_config:
        raise ZooError(
            f"the class {type(model).__name__} of {name} has no get_config, without which no checkpoint could be "
            "written; give it get_config and from_config, as Keras's guide to saving shows"
        )
    if set(model.players) != set(needs.players):
        raise ZooError(
            f"{name} declares the players {', '.join(needs.players)}, but its model has {', '.join(model.players)}; "
            "the factory's zoo.model_factory and the model's players have to agree"
        )
    if dataset.formats.target.masked and not model.takes_masks:
        raise ConflictError(
            f"the model {name} cannot leave holes of targets out of its losses; "
            "set target_format.masked to false, or use a model of pairs such as pix2pix",
            "dataset",
        )


def _weighted(
    sections: Sequence[LossSection | PenaltySection], built: Sequence[Any]
) -> Iterator[tuple[str, Any, float]]:
    """Yield the name in the logs, the component and its weight; a name that comes again is numbered."""
    seen: Counter[str] = Counter()
    for section, component in zip(sections, built, strict=True):
        # Of `keras.losses.LogCosh` the last part.
        name = section.name.rpartition(".")[2]
        seen[name] += 1
        number = f"_{seen[name]}" if seen[name] > 1 else ""
        yield name + number, component, section.weight
