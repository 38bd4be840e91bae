"""What a plugin may implement: one hook for each kind of component.

A plugin is a module (or object) whose functions carry `@zoo.hookimpl`. Each hook receives `register` and calls it once
for each component:

    register(name, factory, summary="one line", paper="arXiv id")

`factory` is a callable, or the string `"module:attribute"`, which is imported when the component is used or shown. A
component that needs an optional package says so by `needs="module", extra="what pip installs"`; `zoo list` then tells
whether it is installed.
"""

from __future__ import annotations

from collections.abc import Callable

import pluggy

hookspec = pluggy.HookspecMarker("zoo")
hookimpl = pluggy.HookimplMarker("zoo")

Register = Callable[..., None]


@hookspec
def register_models(register: Register) -> None:
    """Register models: `factory(parts=zoo.Parts, **arguments)` returns a `zoo.TranslationModel`."""


@hookspec
def register_generators(register: Register) -> None:
    """Register generators: `factory(input_shape=, output_channels=, **arguments)` returns a `keras.Model`."""


@hookspec
def register_discriminators(register: Register) -> None:
    """Register discriminators: `factory(input_shape=, **arguments)` returns a `keras.Model` of logits."""


@hookspec
def register_backbones(register: Register) -> None:
    """Register backbones: `factory(input_shape=, **arguments)` returns a `keras.Model` of features, finest first."""


@hookspec
def register_adversarial_losses(register: Register) -> None:
    """Register adversarial losses: `factory(**arguments)` returns a `zoo.AdversarialLoss`."""


@hookspec
def register_penalties(register: Register) -> None:
    """Register penalties on discriminators: `factory(**arguments)` returns a `zoo.Penalty`."""


@hookspec
def register_reconstruction_losses(register: Register) -> None:
    """Register reconstruction losses: `factory(**arguments)` returns a `keras.losses.Loss`."""


@hookspec
def register_datasets(register: Register) -> None:
    """Register datasets: `factory(**arguments)` returns a `zoo.Dataset` of examples in [-1, 1]."""


@hookspec
def register_metrics(register: Register) -> None:
    """Register metrics: `factory(**arguments)` returns a `keras.metrics.Metric` on pictures in [-1, 1]."""


@hookspec
def register_optimizers(register: Register) -> None:
    """Register optimizers: `factory(**arguments)` returns a `keras.optimizers.Optimizer`."""


@hookspec
def register_schedules(register: Register) -> None:
    """Register schedules: `factory(learning_rate=, steps_per_epoch=, epochs=, **arguments)` returns a learning rate, a
    Keras schedule or a `zoo.FigureSchedule`.
    """


@hookspec
def register_callbacks(register: Register) -> None:
    """Register callbacks: `factory(**arguments)` returns a `keras.callbacks.Callback`, or a `zoo.RunCallback`, which
    knows its run.
    """


@hookspec
def register_exporters(register: Register) -> None:
    """Register exporters: `factory(**arguments)` returns a `zoo.Exporter`, which writes a network and opens it."""


@hookspec
def register_recipes(register: Register) -> None:
    """Register recipes: `register(name, path, summary=...)` with the path of a YAML file."""


@hookspec
def register_commands(register: Register) -> None:
    """Register commands: `register(name, factory, summary=...)` with a `click.Command` of the `zoo` command."""
