"""The kinds of components."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of component, which is also one registry.

    Args:
        name: singular, as in `zoo show generator unet`.
        plural: as in `zoo list generators`; `register_<plural>` is the hook.
        supplied: arguments that the experiment gives to a factory; all others are a recipe's.
        description: one line.
        keras_module: module of Keras whose classes a recipe may name in full, as `keras.losses.LogCosh`.
    """

    name: str
    plural: str
    supplied: tuple[str, ...]
    description: str
    keras_module: str = ""

    @property
    def none_installed(self) -> str:
        """What to say where no plugin has registered one."""
        own = (
            f"; Keras's own go by their full names, as {self.keras_module}.Name"
            if self.keras_module
            else ""
        )
        return f"none is installed{own}"

    @property
    def title(self) -> str:
        """The kind in prose: `adversarial loss`."""
        return self.name.replace("_", " ")


KINDS = (
    Kind(
        "model", "models", ("parts",), "what is trained: networks, losses and the order of updates"
    ),
    Kind("generator", "generators", ("input_shape", "output_channels"), "networks that paint"),
    Kind("discriminator", "discriminators", ("input_shape",), "networks that judge"),
    Kind("backbone", "backbones", ("input_shape",), "encoders for generators, by feature level"),
    Kind("adversarial_loss", "adversarial_losses", (), "what both players want"),
    Kind("penalty", "penalties", (), "what keeps a discriminator smooth"),
    Kind(
        "reconstruction_loss",
        "reconstruction_losses",
        (),
        "how far a fake is from its target",
        keras_module="keras.losses",
    ),
    Kind("dataset", "datasets", (), "where the pictures come from"),
    Kind("metric", "metrics", (), "figures on held-out pictures", keras_module="keras.metrics"),
    Kind("optimizer", "optimizers", (), "how weights are updated", keras_module="keras.optimizers"),
    Kind(
        "schedule",
        "schedules",
        ("learning_rate", "steps_per_epoch", "epochs"),
        "how the learning rate moves during training",
    ),
    Kind(
        "callback",
        "callbacks",
        (),
        "what looks on while a model is trained",
        keras_module="keras.callbacks",
    ),
    Kind("exporter", "exporters", (), "what a trained run is turned into"),
    Kind("recipe", "recipes", (), "complete recipes, run by name"),
    Kind("command", "commands", (), "subcommands of zoo"),
)
# Recipes and commands are registered, listed and shown like components, but are not assembled from arguments.
WITHOUT_ARGUMENTS = ("recipe", "command")
# Keras gives every object a `name` and a `dtype`; in a recipe `name` is the component's and the policy is one key.
RESERVED = ("self", "name", "dtype")
