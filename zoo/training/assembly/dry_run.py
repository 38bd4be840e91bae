"""Trying losses and metrics on two blank pictures, so that what cannot compare pictures shows before training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from zoo.errors import ZooError

Shape = tuple[int, int, int]


def try_loss(loss: keras.losses.Loss, shape: Shape) -> None:
    """Compute a loss once.

    Args:
        loss: called with (target, fake).
        shape: (H, W, C) of the pictures that it is to compare.

    Raises:
        ZooError: if it fails, or gives more than one number.
    """
    blank = ops.zeros((1, *shape))
    _one_number(lambda: loss(blank, blank), shape)


def try_metric(metric: keras.metrics.Metric, shape: Shape) -> None:
    """Compute a metric once and reset it.

    Args:
        metric: updated with (target, translated).
        shape: (H, W, C) of the pictures that it is to compare.

    Raises:
        ZooError: if it fails, or gives more than one number.
    """
    blank = ops.zeros((1, *shape))

    def figure() -> Any:
        metric.update_state(blank, blank)
        return metric.result()

    _one_number(figure, shape)
    metric.reset_state()


def _one_number(compute: Callable[[], Any], shape: Shape) -> None:
    size = " x ".join(str(length) for length in shape)
    try:
        value = ops.convert_to_tensor(compute())
    except ZooError:
        raise
    except Exception as error:  # Every backend has its own for shapes that do not fit.
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ZooError(f"it cannot compare pictures of {size}: {reason}") from error
    if ops.ndim(value):
        raise ZooError(
            f"it gives numbers of the shape {tuple(value.shape)} for a picture of {size}; expected a single number, "
            "so leave its arguments about reduction or averaging at their defaults"
        )
