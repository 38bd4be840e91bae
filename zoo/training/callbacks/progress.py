"""Progress of a training: a live bar on a terminal, and one plain line an epoch."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, TextIO

import keras
from tqdm import tqdm

from zoo.notebook.bar import NotebookBar
from zoo.notebook.kernel import in_notebook, told_to
from zoo.runs.formatting import duration, number


class Progress(keras.callbacks.Callback):
    """Says epoch, losses, held-out figures, images a second and time left.

    Use it as a context manager around `fit` to have the bar closed when `fit` raises.

    Args:
        epochs: epochs of the whole training, including those before a resumption.
        steps_per_epoch: steps of one epoch.
        batch_size: images a step.
        stream: where to write; see `told_to` if None. A bar is drawn if it is a terminal, or in a notebook; there it
            holds the epoch's line too.
    """

    def __init__(
        self, *, epochs: int, steps_per_epoch: int, batch_size: int, stream: TextIO | None = None
    ) -> None:
        super().__init__()
        self.epochs = epochs
        self.steps_per_epoch = steps_per_epoch
        self.batch_size = batch_size
        self.stream = told_to() if stream is None else stream
        self._in_notebook = stream is None and in_notebook()
        self._bar: Any = None
        self._held_out: dict[str, float] = {}
        self._start: float | None = None
        self._mark = 0.0
        self._warm: tuple[float, int] | None = None
        self._timed_steps = 0
        self._timed_seconds = 0.0
        self._first = 0
        self._done = 0
        self._epoch = 0
        self._batch = 0

    @property
    def images_per_second(self) -> float:
        """Images a second, without validation and the first step, which compiles; 0 if unknown."""
        if not self._timed_seconds:
            return 0.0
        return self.batch_size * self._timed_steps / self._timed_seconds

    @property
    def seconds_left(self) -> float:
        """Wall-clock seconds to the end of the last epoch, validation included; NaN if unknown."""
        if self._warm is None or self._done == self._warm[1]:
            return float("nan")
        since, done = self._warm
        pace = (time.perf_counter() - since) / (self._done - done)
        return pace * (self._total - self._done)

    @property
    def _total(self) -> int:
        return self.epochs * self.steps_per_epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the clock; a second `fit` of the same training goes on with it."""
        self._done = int(self.model.optimizer.iterations)
        if self._start is None:
            self._start, self._first = time.perf_counter(), self._done

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note where the training stands."""
        self._epoch, self._batch = epoch, 0
        if self._bar is None and self._in_notebook:
            self._bar = NotebookBar(self._total, self._done)
        elif self._bar is None and self.stream.isatty():
            self._bar = tqdm(
                total=self._total,
                initial=self._done,
                file=self.stream,
                bar_format="{percentage:3.0f}% {bar:20} {desc}",
                dynamic_ncols=True,
                leave=False,
                mininterval=0.2,
            )
        self._mark = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        now = time.perf_counter()
        steps = batch + 1 - self._batch
        self._batch = batch + 1
        self._done += steps
        if self._warm is None:
            self._warm = (now, self._done)
        else:
            self._timed_steps += steps
            self._timed_seconds += now - self._mark
        self._mark = now
        if self._bar is not None:
            self._bar.set_description_str(self._live(logs or {}), refresh=False)
            self._bar.update(steps)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the epoch's line."""
        logs = logs or {}
        held_out = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        self._held_out = held_out or self._held_out
        parts = [
            f"epoch {epoch + 1:>{len(str(self.epochs))}}/{self.epochs}",
            _figures({name: value for name, value in logs.items() if not name.startswith("val_")}),
            f"held out: {_figures(held_out)}" if held_out else "",
            self._speed(),
        ]
        line = " | ".join(part for part in parts if part)
        if self._in_notebook:
            self._bar.note(line)
        else:
            self._write(line)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Write how much was done and the last figures on held-out pictures."""
        self.close()
        if self._start is None or (self._done < self._total and not self.model.stop_training):
            return
        verb = "stopped in" if self._done < self._total else "finished"
        steps = (
            f"{self._done - self._first:,} steps in {duration(time.perf_counter() - self._start)}"
        )
        line = f"{verb} epoch {self._epoch + 1} of {self.epochs}: {steps}"
        if self._held_out:
            line += f" | held out: {_figures(self._held_out)}"
        self._write(line)

    def close(self) -> None:
        """Take the bar off the terminal; harmless when there is none."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _live(self, logs: dict[str, float]) -> str:
        step = self._done - self._epoch * self.steps_per_epoch
        position = f"epoch {self._epoch + 1}/{self.epochs} step {step}/{self.steps_per_epoch}"
        return " | ".join(part for part in (position, self._speed(), _figures(logs)) if part)

    def _speed(self) -> str:
        if not self._timed_seconds:
            return ""
        left = self.seconds_left
        text = f"{number(self.images_per_second)} images/s"
        return f"{text} | {duration(left)} left" if left > 0 else text

    def _write(self, line: str) -> None:
        # tqdm.write lifts a bar that is being drawn, writes, and draws the bar again below.
        tqdm.write(line, file=self.stream)
        self.stream.flush()


def _figures(logs: dict[str, float]) -> str:
    return " ".join(f"{name} {number(value)}" for name, value in logs.items())
