"""The adversarial step on torch; `zoo.backend` says what each function does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import keras
import torch
from torch.optim.adam import adam as adam_of_torch

Pullback = Callable[[Any], Any]

# How many functions are being recorded around the present one: inside another one, results must stay in its graph.
_depth: ContextVar[int] = ContextVar("depth", default=0)


@contextmanager
def _recording() -> Iterator[None]:
    token = _depth.set(_depth.get() + 1)
    try:
        with torch.enable_grad():
            yield
    finally:
        _depth.reset(token)


def vjp(function: Callable[[Any], tuple[Any, Any]], inputs: Any) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.vjp`."""
    inside = _depth.get() > 0

    def leaf(tensor: torch.Tensor) -> torch.Tensor:
        if inside and tensor.requires_grad:
            return tensor.view_as(tensor)
        return tensor.detach().requires_grad_()

    inputs = keras.tree.map_structure(leaf, inputs)
    with _recording():
        value, aux = function(inputs)
    return _result(value, inputs, aux, inside)


def weights_vjp(
    function: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.weights_vjp`."""
    inside = _depth.get() > 0
    with _recording():
        value, aux = function()
    return _result(value, [variable.value for variable in variables], aux, inside)


def _result(value: Any, sources: Any, aux: Any, inside: bool) -> tuple[Any, Pullback, Any]:
    def pullback(cotangent: Any) -> Any:
        gradients = torch.autograd.grad(
            keras.tree.flatten(value),
            keras.tree.flatten(sources),
            grad_outputs=keras.tree.flatten(cotangent),
            create_graph=inside,
            allow_unused=True,
            materialize_grads=True,
        )
        return keras.tree.pack_sequence_as(sources, list(gradients))

    if inside:
        return value, pullback, aux
    return _detached(value), pullback, _detached(aux)


def _detached(tensors: Any) -> Any:
    return keras.tree.map_structure(
        lambda item: item.detach() if isinstance(item, torch.Tensor) else item, tensors
    )


def tune(optimizer: keras.optimizers.Optimizer) -> None:
    """See `zoo.backend.tune`."""
    # Exactly Adam, which on torch is another class than its name says: a subclass may compute something else.
    if type(optimizer) is type(keras.optimizers.Adam()) and not optimizer.amsgrad:
        optimizer._parallel_update_step = partial(
            _adam_step, optimizer, optimizer._parallel_update_step
        )


def _adam_step(
    adam: keras.optimizers.Adam,
    elsewhere: Callable[[Any, Any, Any], None],
    gradients: Sequence[torch.Tensor],
    variables: Sequence[keras.Variable],
    learning_rate: Any,
) -> None:
    """Update variables on the CPU in a single pass over memory; Keras's own operations make a dozen."""
    weights = [variable.value for variable in variables]
    if any(weight.device.type != "cpu" for weight in weights):
        elsewhere(gradients, variables, learning_rate)
        return
    done = int(adam.iterations)
    indices = [adam._get_variable_index(variable) for variable in variables]
    adam_of_torch(
        weights,
        # Gradients of convolution kernels come transposed in memory, which the kernel does not notice.
        [gradient.contiguous() for gradient in gradients],
        [adam._momentums[index].value for index in indices],
        [adam._velocities[index].value for index in indices],
        [],
        [torch.tensor(float(done)) for _ in indices],
        fused=True,
        amsgrad=False,
        beta1=adam.beta_1,
        beta2=adam.beta_2,
        lr=float(learning_rate),
        weight_decay=0.0,
        # Keras adds epsilon before the velocity's bias is corrected, torch after it.
        eps=adam.epsilon / math.sqrt(1 - adam.beta_2 ** (done + 1)),
        maximize=False,
    )


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Any],
    variables: Sequence[keras.Variable],
) -> None:
    """See `zoo.backend.apply`."""
    with torch.no_grad():
        optimizer.apply(list(gradients), list(variables))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `zoo.backend.compiled`."""

    def run(*arrays: Any) -> Any:
        with torch.no_grad():
            return function(
                *(None if array is None else keras.ops.convert_to_tensor(array) for array in arrays)
            )

    return run


def use_deterministic_operations() -> None:
    """See `zoo.backend.use_deterministic_operations`."""
    torch.use_deterministic_algorithms(True)


class StepTrainer:
    """What Keras's torch trainer calls."""

    learn: Callable[[Any], dict[str, Any]]
    assess: Callable[[Any], dict[str, Any]]

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from a batch and return the logs."""
        return self.learn(data)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Assess a batch and return the logs."""
        return self.assess(data)


def shard() -> tuple[int, int]:
    """See `zoo.backend.shard`."""
    together = torch.distributed
    if not (together.is_available() and together.is_initialized()):
        return 0, 1
    return together.get_rank(), together.get_world_size()
