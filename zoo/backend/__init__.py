"""How one adversarial step is differentiated and applied on the backend that Keras runs on.

Models are written in `keras.ops`; all that differs between TensorFlow, JAX and torch is here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import keras

__all__ = [
    "Pullback",
    "StepTrainer",
    "apply",
    "compiled",
    "shard",
    "tune",
    "use_deterministic_operations",
    "vjp",
    "weights_vjp",
]

BACKENDS = ("tensorflow", "jax", "torch")

if keras.backend.backend() not in BACKENDS:
    raise ImportError(
        f"zoo trains on {', '.join(BACKENDS)}, but Keras runs on {keras.backend.backend()}; "
        "set the environment variable KERAS_BACKEND to one of the three"
    )
_backend = importlib.import_module(f"zoo.backend.{keras.backend.backend()}")

# What Keras's trainer calls: `train_step` and `test_step` in terms of `learn(data)` and `assess(data)`.
StepTrainer = _backend.StepTrainer

Pullback = Callable[[Any], Any]


def vjp(function: Callable[[Any], tuple[Any, Any]], inputs: Any) -> tuple[Any, Pullback, Any]:
    """Run a function of tensors; return its value, its pullback and what else it returns.

    Called inside the function of another `vjp` or `weights_vjp`, the value and the pullback's result can be
    differentiated again, as a gradient penalty needs; otherwise they are plain tensors.

    Args:
        function: `function(inputs) -> (value, aux)`; `aux` is not differentiated.
        inputs: a tensor, or a nested structure of them.

    Returns:
        `(value, pullback, aux)`. `pullback(cotangent)`, called once, takes the structure of the value and
        returns that of the inputs; inputs that the value does not depend on get zeros.
    """
    result: tuple[Any, Pullback, Any] = _backend.vjp(function, inputs)
    return result


def weights_vjp(
    function: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, Pullback, Any]:
    """Run a function of weights; return its value, its pullback and what else it returns.

    Args:
        function: `function() -> (value, aux)`; it reads the variables wherever it uses them.
        variables: what is differentiated by; the pullback returns a list of one gradient each.

    Returns:
        `(value, pullback, aux)`, as `vjp` does.
    """
    result: tuple[Any, Pullback, Any] = _backend.weights_vjp(function, variables)
    return result


def tune(optimizer: keras.optimizers.Optimizer) -> None:
    """Let an optimizer use the backend's fused kernel, where there is one that computes the same.

    Args:
        optimizer: Keras's; it stays what it is for saving, schedules and clipping.
    """
    _backend.tune(optimizer)


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Any],
    variables: Sequence[keras.Variable],
) -> None:
    """Update variables by one optimizer.

    Args:
        optimizer: built with exactly these variables.
        gradients: one for each variable.
        variables: what is updated.
    """
    _backend.apply(optimizer, gradients, variables)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays or tensors that the backend compiles where it can, for every shape once.

    Nothing of it can be differentiated.

    Args:
        function: of positional arguments, each None or an array; it computes in `keras.ops` and updates no variable.
    """
    result: Callable[..., Any] = _backend.compiled(function)
    return result


def use_deterministic_operations() -> None:
    """Have the backend use operations that give the same result every time, for the rest of the process.

    On a CPU all three backends do so anyway; on a GPU it may be slower.
    """
    _backend.use_deterministic_operations()


def shard() -> tuple[int, int]:
    """Return the number of this process, from 0, and of all processes that train together.

    On JAX and torch what `jax.distributed` or `torch.distributed` were told; on TensorFlow, where one process drives
    all devices, (0, 1).
    """
    number_and_all: tuple[int, int] = _backend.shard()
    return number_and_all
