"""Trying losses and metrics on a few pictures, so that what cannot compare pictures shows before training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.errors import ZooError

Shape = tuple[int, int, int]
# Pictures of each of the sets that a metric of sets is tried on; precision and recall look for three neighbours.
SET = 5


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


def try_metric(metric: keras.metrics.Metric, shape: Shape, source_shape: Shape) -> None:
    """Compute a metric once and reset it.

    A metric that compares sets of pictures (`paired = False`) gets some that differ, all others two blank ones; one
    that runs outside graphs (`eager = True`) gets NumPy arrays.

    Args:
        metric: updated with (target, translated).
        shape: (H, W, C) of the pictures that it is to compare.
        source_shape: of the sources, for a metric that takes them too.

    Raises:
        ZooError: if it fails, or gives more than one number.
    """
    if getattr(metric, "paired", True):
        target = translated = np.zeros((1, *shape), np.float32)
    else:
        random = np.random.default_rng(0)
        target, translated = random.uniform(-1, 1, (2, SET, *shape)).astype(np.float32)
    more = {}
    if getattr(metric, "takes_source", False):
        more["source"] = np.zeros((len(target), *source_shape), np.float32)

    def figure() -> Any:
        as_given = (lambda array: array) if eager else ops.convert_to_tensor
        metric.update_state(as_given(target), as_given(translated), **more)
        return metric.result()

    eager = getattr(metric, "eager", False)
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
