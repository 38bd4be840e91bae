"""The adversarial step on JAX; `zoo.backend` says what each function does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import keras

Pullback = Callable[[Any], Any]

# The scope in which a step's variables have their values; Keras has no public way to ask for it.
_scope: ContextVar[keras.StatelessScope | None] = ContextVar("scope", default=None)


def vjp(function: Callable[[Any], tuple[Any, Any]], inputs: Any) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.vjp`."""
    with _step_scope() as scope:

        def pure(inputs: Any) -> tuple[Any, tuple[Any, dict[int, Any]]]:
            before = dict(scope.state_mapping)
            value, aux = function(inputs)
            return value, (aux, _take_updates(scope, before))

        value, pullback, (aux, updates) = jax.vjp(pure, inputs, has_aux=True)
        scope.state_mapping.update(updates)
    return value, lambda cotangent: pullback(cotangent)[0], aux


def weights_vjp(
    function: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, Pullback, Any]:
    """See `zoo.backend.weights_vjp`."""
    with _step_scope() as scope:

        def of_weights(weights: list[Any]) -> tuple[Any, Any]:
            values = dict(scope.state_mapping)
            scope.state_mapping.update(zip(map(id, variables), weights, strict=True))
            result = function()
            for variable in variables:
                if id(variable) in values:
                    scope.state_mapping[id(variable)] = values[id(variable)]
                else:
                    del scope.state_mapping[id(variable)]
            return result

        return vjp(of_weights, [variable.value for variable in variables])


@contextmanager
def _step_scope() -> Iterator[keras.StatelessScope]:
    """Yield the step's scope; outside a step a new one, whose updates are dropped."""
    scope = _scope.get()
    if scope is not None:
        yield scope
        return
    with keras.StatelessScope() as scope:
        token = _scope.set(scope)
        try:
            yield scope
        finally:
            _scope.reset(token)


def _take_updates(scope: keras.StatelessScope, before: dict[int, Any]) -> dict[int, Any]:
    """Return what changed in the scope and undo it: these values belong to the trace, not to the step."""
    updates = {
        key: value for key, value in scope.state_mapping.items() if before.get(key) is not value
    }
    scope.state_mapping.clear()
    scope.state_mapping.update(before)
    return updates


def tune(optimizer: keras.optimizers.Optimizer) -> None:
    """See `zoo.backend.tune`."""
    del optimizer


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Any],
    variables: Sequence[keras.Variable],
) -> None:
    """See `zoo.backend.apply`."""
    # Loss scaling branches on finite gradients, and inside a branch an assignment would be lost.
    updated, slots = optimizer.stateless_apply(
        [variable.value for variable in optimizer.variables],
        list(gradients),
        [variable.value for variable in variables],
    )
    for variable, value in zip([*variables, *optimizer.variables], [*updated, *slots], strict=True):
        variable.assign(value)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `zoo.backend.compiled`."""
    jitted: Callable[..., Any] = jax.jit(function)
    return jitted


def use_deterministic_operations() -> None:
    """See `zoo.backend.use_deterministic_operations`."""
    # XLA reads its flags when the first GPU is used; before that nothing has been computed.
    flag = "--xla_gpu_deterministic_ops=true"
    flags = os.environ.get("XLA_FLAGS", "")
    if flag not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {flag}".strip()


class StepTrainer:
    """What Keras's JAX trainer calls: steps that take and return all state."""

    learn: Callable[[Any], dict[str, Any]]
    assess: Callable[[Any], dict[str, Any]]

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """Learn from a batch; return the logs and the state after it."""
        groups = (
            self.trainable_variables,  # type: ignore[attr-defined]
            self.non_trainable_variables,  # type: ignore[attr-defined]
            self.optimizer.variables,  # type: ignore[attr-defined]
            self.metrics_variables,  # type: ignore[attr-defined]
        )
        return _stateless(self.learn, groups, state, data)

    def test_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """Assess a batch; return the logs and the state after it."""
        groups = (
            self.trainable_variables,  # type: ignore[attr-defined]
            self.non_trainable_variables,  # type: ignore[attr-defined]
            self.metrics_variables,  # type: ignore[attr-defined]
        )
        return _stateless(self.assess, groups, state, data)


def _stateless(
    function: Callable[[Any], dict[str, Any]],
    groups: Sequence[Sequence[keras.Variable]],
    state: Any,
    data: Any,
) -> tuple[dict[str, Any], Any]:
    mapping = [
        pair
        for variables, values in zip(groups, state, strict=True)
        for pair in zip(variables, values, strict=True)
    ]
    with keras.StatelessScope(state_mapping=mapping) as scope:
        token = _scope.set(scope)
        try:
            logs = function(data)
        finally:
            _scope.reset(token)
    after = tuple([scope.get_current_value(v) for v in variables] for variables in groups)
    return logs, after


def shard() -> tuple[int, int]:
    """See `zoo.backend.shard`."""
    return jax.process_index(), jax.process_count()
