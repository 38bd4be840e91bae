"""The fixed part of a recipe: its sections and keys. What components take comes from their signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Without this one a recipe keeps no best epoch, which is no mistake.
BEST_MONITOR = "val_psnr"


class Section(BaseModel):
    """Keys that are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ComponentSection(BaseModel):
    """A component by name, with its arguments beside the name."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    name: Annotated[str, Field(description="The component's name; 'zoo list' shows them.")]

    @property
    def arguments(self) -> dict[str, Any]:
        """What stands beside the name."""
        return dict(self.model_extra or {})


class LossSection(ComponentSection):
    """A loss by name, with its weight and arguments."""

    weight: Annotated[
        float, Field(ge=0, description="Factor of the loss in the generator's sum.")
    ] = 1.0


class PenaltySection(ComponentSection):
    """A penalty by name, with its weight and arguments."""

    weight: Annotated[
        float, Field(ge=0, description="Factor of the penalty in the discriminator's sum.")
    ] = 1.0


class Losses(Section):
    """What the players want."""

    adversarial: LossSection | None = Field(
        default=None,
        description="The adversarial loss, one of 'zoo list adversarial_losses'; most models need it.",
    )
    reconstruction: list[LossSection] = Field(
        default=[],
        description="Losses between fake and target, of 'zoo list reconstruction_losses'.",
    )
    penalties: list[PenaltySection] = Field(
        default=[],
        description="What is added to the discriminator's objective, of 'zoo list penalties'.",
    )


class Training(Section):
    """How long and how."""

    epochs: int = Field(ge=1, description="Passes over the training pictures.")
    batch_size: int = Field(1, ge=1, description="Pictures a step.")
    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        description="Start of every random number: weights, order, augmentation.",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        "float32",
        description="Keras dtype policy of the networks; mixed_float16 scales the losses.",
    )
    deterministic: bool = Field(
        False,
        description="Have the backend use deterministic operations only; may be slower on a GPU.",
    )
    workers: int = Field(
        2, ge=0, le=64, description="Threads that prepare pictures; 0 prepares them between steps."
    )


class Evaluation(Section):
    """What is measured on held-out pictures, and when."""

    metrics: list[ComponentSection] = Field(
        default=[], description="Metrics on held-out pictures, of 'zoo list metrics'."
    )
    every: int = Field(1, ge=1, description="Epochs between evaluations.")
    samples: int = Field(
        4, ge=0, le=64, description="Held-out pictures in each sample grid; 0 draws none."
    )
    samples_every: int = Field(1, ge=1, description="Epochs between sample grids.")


class Best(Section):
    """Which epoch's generator is kept as the best."""

    monitor: str = Field(
        BEST_MONITOR,
        description="The figure that decides, a column of the history: `val_` and a metric's name, or a loss's name. "
        "Without val_psnr none is kept, unless another is named.",
    )
    mode: Literal["auto", "max", "min"] = Field(
        "auto",
        description="Whether a higher or a lower figure is better; auto is as the metric says.",
    )


class Checkpoints(Section):
    """When the state of training is saved."""

    every: int = Field(
        1, ge=1, description="Epochs between checkpoints; the last epoch is always saved."
    )
    best: Best = Field(
        default=Best(),
        description="Which epoch's generator is kept as checkpoints/best.keras, for --checkpoint best.",
    )


# What a training warns of by itself; each has a heading in docs/troubleshooting.md.
Warned = Literal[
    "diverged",
    "discriminator_too_strong",
    "generator_collapsed",
    "identity_learned",
    "frozen_weights",
    "worsening",
    "overlap",
]


class Warnings(Section):
    """What a training warns of by itself."""

    off: list[Warned] = Field(
        default=[],
        description="Warnings that are not given; docs/troubleshooting.md describes each. With `diverged` off, a "
        "training goes on with losses that are no numbers.",
    )


class InferenceSection(Section):
    """How networks behave outside training; every output follows it."""

    dropout: bool = Field(
        False, description="Keep dropout on, as the pix2pix paper does; results then vary."
    )
    statistics: Literal["running", "picture"] = Field(
        "running",
        description="Batch norm by the running statistics of training, or by each picture's own, as the paper does.",
    )
    ema: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Momentum of a moving average of the generator's weights that translates in their place, "
        "as 0.999; 0 keeps none.",
    )


class Card(Section):
    """What the model card of an export says that nothing else in a recipe does."""

    description: str = Field("", description="What the model is for, in a sentence or two.")
    licence: str = Field("", description="Licence of the trained weights, such as cc-by-4.0.")
    data_licence: str = Field(
        "",
        description="Licence of the pictures; where it is empty, what the dataset says of itself.",
    )


class RecipeSchema(Section):
    """A whole recipe."""

    extends: str | None = Field(
        None, description="A recipe, by name or path, that this one changes."
    )
    model: ComponentSection = Field(description="What is trained, one of 'zoo list models'.")
    generator: ComponentSection | None = Field(
        default=None,
        description="The network that paints, one of 'zoo list generators'; needed by most models.",
    )
    discriminator: ComponentSection | None = Field(
        default=None,
        description="The network that judges, one of 'zoo list discriminators'; needed by most models.",
    )
    losses: Losses = Field(default=Losses(), description="What the players want.")
    dataset: ComponentSection = Field(
        description="Where the pictures come from, one of 'zoo list datasets'."
    )
    optimizers: dict[str, ComponentSection] = Field(
        description="An optimizer for each player of the model, one of 'zoo list optimizers'; most models have the "
        "players `generator` and `discriminator`."
    )
    schedule: ComponentSection = Field(
        default=ComponentSection(name="constant"),
        description="Course of the learning rates, one of 'zoo list schedules'.",
    )
    training: Training = Field(description="How long and how.")
    evaluation: Evaluation = Field(default=Evaluation(), description="What is measured, and when.")
    callbacks: list[ComponentSection] = Field(
        default=[],
        description="What looks on while the model is trained, of 'zoo list callbacks', or a callback of Keras by its "
        "full name, as `keras.callbacks.EarlyStopping`; files that they write lie in the run directory.",
    )
    checkpoints: Checkpoints = Field(
        default=Checkpoints(), description="When the state of training is saved."
    )
    warnings: Warnings = Field(
        default=Warnings(), description="What a training warns of by itself."
    )
    inference: InferenceSection = Field(
        default=InferenceSection(), description="How networks behave outside training."
    )
    card: Card = Field(default=Card(), description="What the model card of an export says.")


# Where components stand in a recipe, and of which kind they are; `*` is every item of a list, or key of a mapping.
COMPONENT_PLACES: dict[tuple[str, ...], str] = {
    ("model",): "model",
    ("generator",): "generator",
    ("discriminator",): "discriminator",
    ("losses", "adversarial"): "adversarial_loss",
    ("losses", "reconstruction", "*"): "reconstruction_loss",
    ("losses", "penalties", "*"): "penalty",
    ("dataset",): "dataset",
    ("optimizers", "*"): "optimizer",
    ("schedule",): "schedule",
    ("evaluation", "metrics", "*"): "metric",
    ("callbacks", "*"): "callback",
}
# Kinds that have a weight beside their name.
WEIGHTED = ("adversarial_loss", "reconstruction_loss", "penalty")


def is_component(key: Sequence[str | int]) -> bool:
    """Return whether a component stands at a key of a recipe.

    Args:
        key: its parts, with numbers for the items of lists.
    """
    return tuple(key) in COMPONENT_PLACES or (*key[:-1], "*") in COMPONENT_PLACES
