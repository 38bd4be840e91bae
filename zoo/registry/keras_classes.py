"""Keras's own losses, metrics, optimizers and callbacks by their full names, without a registration for each."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from zoo.errors import ZooError, nearest, shortened
from zoo.registry.kinds import Kind

# By module: the base of its classes, and the method with an argument that a usable class must take. Without it a
# class is no use to a recipe: a metric of single values, an optimizer around others.
USABLE = {
    "keras.losses": ("Loss", "call", "y_pred"),
    "keras.metrics": ("Metric", "update_state", "y_pred"),
    "keras.optimizers": ("Optimizer", "__init__", "learning_rate"),
    "keras.callbacks": ("Callback", "__init__", "self"),
}
# Callbacks that a recipe cannot give what they need, or that do what zoo does, and what to use instead.
INSTEAD = {
    "BackupAndRestore": "takes the place of a run's own checkpoints; 'zoo resume' goes on from these",
    "LambdaCallback": "takes functions; write a plugin with the hook register_callbacks",
    "LearningRateScheduler": "takes a function; use the section schedule",
    "RemoteMonitor": "sends figures by itself; use a tracker, one of 'zoo list callbacks', or write a plugin with the "
    "hook register_callbacks",
}
# What pip installs for a class that needs it, by its full name.
NEEDS = {"keras.callbacks.TensorBoard": "tensorboard"}
NO_CALLBACKS = ("CallbackList", "History", "MonitorCallback", "ProgbarLogger")


def names_keras_class(kind: Kind, name: str) -> bool:
    """Return whether a component's name is the full name of something in Keras, such as `keras.losses.LogCosh`."""
    return bool(kind.keras_module) and name.startswith(f"{kind.keras_module}.")


def keras_class(kind: Kind, name: str) -> type:
    """Return one of Keras's classes.

    Args:
        kind: a kind with a module of Keras.
        name: name of the class in that module.

    Raises:
        ZooError: if there is none of that name that can be a component of the kind, with the nearest.
    """
    module = importlib.import_module(kind.keras_module)
    usable: dict[str, type] = {
        key: value for key, value in vars(module).items() if _is_usable(kind, module, value)
    }
    if name in usable:
        return usable[name]
    if kind.name == "callback" and name in INSTEAD:
        raise ZooError(f"{kind.keras_module}.{name} {INSTEAD[name]}")
    raise ZooError(
        f"{kind.keras_module} has no {kind.title} '{shortened(name)}' that a recipe can use.{nearest(name, usable)}"
    )


def _is_usable(kind: Kind, module: Any, value: Any) -> bool:
    base, method, argument = USABLE[kind.keras_module]
    base = getattr(module, base)
    return (
        inspect.isclass(value)
        and issubclass(value, base)
        and value is not base
        and value.__name__ not in (*INSTEAD, *NO_CALLBACKS)
        and argument in inspect.signature(getattr(value, method)).parameters
    )
