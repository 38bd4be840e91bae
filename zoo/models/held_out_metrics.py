"""Metrics of held-out pictures: those that Keras compiles into graphs, and those that run outside of any."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from zoo.errors import ZooError
from zoo.models.masks import MASK

# As Keras cuts arrays into batches.
BATCH_SIZE = 32


@dataclass(frozen=True)
class HeldOutMetrics:
    """The metrics that a model was compiled with.

    It is no Keras object, so that Keras does not take the eager ones for state of its graphs.

    Args:
        compiled: those that Keras updates within its graphs.
        eager: those whose class says so by `eager = True`, which get NumPy arrays; see `zoo.MeanOverPictures`.
    """

    compiled: Sequence[Any] = ()
    eager: Sequence[Any] = ()

    @classmethod
    def of(cls, metrics: Sequence[Any] | None) -> HeldOutMetrics:
        """Tell metrics apart."""
        parts: tuple[list[Any], list[Any]] = ([], [])
        for metric in metrics or ():
            parts[getattr(metric, "eager", False)].append(metric)
        return cls(*parts)

    @property
    def all(self) -> list[Any]:
        """Both kinds."""
        return [*self.compiled, *self.eager]

    def evaluate_eager(
        self,
        model: keras.Model,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        steps: int | None = None,
    ) -> dict[str, float]:
        """Return the figures of the eager metrics.

        Args:
            model: translates sources.
            x: batches, or the source pictures, as `keras.Model.evaluate` takes them; they have to be there twice, as
                Keras has read them before.
            y: the target pictures, if `x` is no batch.
            batch_size: pictures in one call, if they are arrays.
            steps: batches to read; None reads all.

        Raises:
            ZooError: if the data can be read only once.
        """
        for metric in self.eager:
            metric.reset_state()
        for batch in itertools.islice(_batches(x, y, batch_size), steps):
            target, mask = batch["target"], batch.get(MASK)
            translated = np.asarray(
                keras.ops.convert_to_numpy(model.predict_on_batch(batch["source"])), np.float32
            )
            if mask is not None:
                translated = np.where(mask > 0, translated, target)
            for metric in self.eager:
                more = {"source": batch["source"]} if getattr(metric, "takes_source", False) else {}
                metric.update_state(target, translated, sample_weight=mask, **more)
        return {
            metric.name: float(keras.ops.convert_to_numpy(metric.result())) for metric in self.eager
        }


def _batches(x: Any, y: Any, batch_size: int | None) -> Iterator[dict[str, np.ndarray]]:
    if y is not None:
        x = {"source": x, "target": y}
    found: Iterable[Any]
    if isinstance(x, keras.utils.PyDataset):
        found = (x[number] for number in range(len(x)))
    elif isinstance(x, Mapping):
        found = _cut(x, batch_size or BATCH_SIZE)
    elif iter(x) is x:
        raise ZooError(
            "metrics that run outside graphs read the held-out pictures a second time, and these can be read only "
            "once; give a keras.utils.PyDataset, a tf.data.Dataset or arrays"
        )
    else:
        found = x
    for item in found:
        batch, targets, _ = keras.utils.unpack_x_y_sample_weight(item)
        if targets is not None:
            batch = {"source": batch, "target": targets}
        yield {
            name: np.asarray(keras.ops.convert_to_numpy(part), np.float32)
            for name, part in batch.items()
        }


def _cut(arrays: Mapping[str, Any], size: int) -> Iterator[dict[str, Any]]:
    count = len(next(iter(arrays.values())))
    for first in range(0, count, size):
        yield {name: array[first : first + size] for name, array in arrays.items()}
