"""Sample pictures while training: the same held-out examples after every so many epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from zoo.data.spread import spread
from zoo.pictures import Formats
from zoo.pictures.grid_file import write_grid

if TYPE_CHECKING:
    from zoo.data.dataset import Examples


Listener = Callable[[int, Mapping[str, np.ndarray], Path], None]


class SampleGrid(keras.callbacks.Callback):
    """Writes `epoch-0001.png`, …: what the model says of fixed examples, such as source, translated and target.

    `epoch-0000.png` shows the untrained network; the last epoch is always drawn, also of a training
    that was stopped. `TranslationModel.samples` names the columns; they follow the model's inference. Each is shown
    as its side's format says: label maps in colours, of many channels the first three.

    Args:
        directory: where the pictures go; made if missing.
        examples: held-out examples; the ones shown are spread evenly over them.
        formats: the source's of the pictures in the columns that the model names in `source_columns`, the target's of
            those in all others.
        count: how many examples, at least 1; fewer where there are fewer.
        every: epochs between two pictures, at least 1.
        listeners: called after each picture, so that nothing runs the networks again: with the epochs trained, the
            columns as the model gave them, and the picture's path.

    Raises:
        ValueError: if `count` or `every` is below 1, or there are no examples.
    """

    def __init__(
        self,
        directory: Path,
        examples: Examples,
        *,
        formats: Formats = Formats(),  # noqa: B008 - frozen
        count: int = 4,
        every: int = 1,
        listeners: Sequence[Listener] = (),
    ) -> None:
        super().__init__()
        if count < 1 or every < 1:
            raise ValueError(f"count and every must be 1 or more; got count={count}, every={every}")
        if len(examples) == 0:
            raise ValueError("there are no examples to draw samples of")
        self.directory = Path(directory)
        self.formats = formats
        self.every = every
        self.listeners = tuple(listeners)
        shown = [examples.example(index, None) for index in spread(range(len(examples)), count)]
        self._source = np.stack([example["source"] for example in shown])
        self._target = np.stack([example["target"] for example in shown])
        self._drawn: int | None = None
        self._ended: int | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the network that has not learnt a step yet."""
        if int(self.model.optimizer.iterations) == 0:
            self._draw(0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the epoch if it is its turn."""
        self._ended = epoch + 1
        if self._ended % self.every == 0:
            self._draw(self._ended)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Draw the last epoch if that was not its turn."""
        if self._ended is not None and self._drawn != self._ended:
            self._draw(self._ended)

    def _draw(self, epoch: int) -> None:
        samples = self.model.samples(self._source, self._target)
        columns = {}
        for label, pictures in samples.items():
            of_source = label in self.model.source_columns
            form = self.formats.of("source" if of_source else "target")
            columns[label] = [form.for_people(picture) for picture in pictures]
        path = self.directory / f"epoch-{epoch:04d}.png"
        write_grid(path, columns)
        self._drawn = epoch
        for listener in self.listeners:
            listener(epoch, samples, path)
