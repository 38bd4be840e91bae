"""Ctrl-C that ends a training properly instead of tearing it down."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, TextIO

import keras
from tqdm import tqdm

from zoo.notebook.kernel import told_to


class Interrupt(keras.callbacks.Callback):
    """Makes the first SIGINT or SIGTERM end the epoch after the running step, bookkeeping included.

    The earlier handlers come back with that first signal, so that a second one ends the program at
    once, and at the end of training. Use it as a context manager around `fit` to have them back
    when `fit` raises too. In a thread that is not the main one, where Python sets no handlers, this
    callback does nothing.

    Args:
        stream: where the one line about the stop goes; see `told_to` if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self.stream = told_to() if stream is None else stream
        self.stopped_by: str | None = None
        """The signal that stopped training: `"SIGINT"`, `"SIGTERM"`, or None."""
        self._earlier: dict[signal.Signals, Any] = {}
        self._heard = True

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Take over the signals."""
        self.stopped_by, self._heard = None, True
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._earlier[number] = signal.signal(number, self._stop)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop after this step if a signal came."""
        self._listen()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop after this epoch if a signal came during validation."""
        self._listen()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop after this epoch if a signal came after validation."""
        self._listen()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Give the signals back; a stop that came while the epoch was being saved is told now."""
        self._listen()
        self._restore()

    def __enter__(self) -> Interrupt:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._restore()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        # A handler runs in the middle of anything: of a write to the stream, or of a step on JAX,
        # where to ask a callback for its model is to copy that step's state. So it only notes.
        self.stopped_by = signal.Signals(number).name
        self._heard = False
        self._restore()

    def _listen(self) -> None:
        if not self._heard:
            self._heard = True
            self.model.stop_training = True
            tqdm.write(
                f"{self.stopped_by}: stopping here; this epoch is still measured and saved "
                "(press Ctrl-C again to quit at once)",
                file=self.stream,
            )

    def _restore(self) -> None:
        for number, handler in self._earlier.items():
            # None stands for a handler that was not set from Python; it cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._earlier = {}
