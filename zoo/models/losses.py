"""The losses of an epoch, averaged for the logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops


class MeanLosses(keras.metrics.Metric):
    """Means of several named scalars over the steps since the last reset.

    Args:
        names: names of the scalars; every update brings exactly these.
        name: name of the metric; it does not appear in the logs.
    """

    def __init__(self, names: Sequence[str], name: str = "losses") -> None:
        super().__init__(name=name, dtype="float32")
        self.names = tuple(names)
        self.total = self.add_variable((len(self.names),), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, losses: Mapping[str, Any]) -> None:
        """Add the losses of one step.

        Args:
            losses: a scalar for each name.

        Raises:
            ValueError: if the names are not those announced.
        """
        if set(losses) != set(self.names):
            raise ValueError(
                f"the model announces the losses {', '.join(self.names)}, but its step computed "
                f"{', '.join(losses)}; `loss_names` must list exactly what the losses return"
            )
        scalars = [ops.cast(losses[name], "float32") for name in self.names]
        self.total.assign_add(ops.stack(scalars))
        self.count.assign_add(1.0)

    def result(self) -> dict[str, Any]:
        """Return the mean of each loss."""
        means = ops.divide_no_nan(self.total, self.count)
        return {name: means[index] for index, name in enumerate(self.names)}
