"""What all trackers do: log what a run has written and they have not logged yet, and never end a training."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

import zoo
from zoo import Experiment, Run, ZooError
from zoo_trackers.contents import held_out, sample_grids, whole_epochs
from zoo_trackers.state import State, read_state, write_state

# Between two tries after a failure: a server that is away is waited for, each time, until the library gives up.
PAUSE = 60.0
MOST_OF_ERROR = 200


class Tracker(zoo.RunCallback, ABC):
    """Logs a run to where people look at many.

    Everything is read from the run directory, from the first epoch that is not logged yet: a run that is resumed goes
    on in the tracker's same run, one that is tracked from its middle on is logged from its beginning, and what could
    not be sent is sent later. A mistake before training ends it; one while it goes on is told in a sentence.
    """

    NAME = ""

    def __init__(self) -> None:
        super().__init__()
        self._run: Run | None = None
        self._state = State()
        self._steps_per_epoch = 0
        self._next = 0.0
        self._warned = False

    # === What a tracker implements ===

    @property
    def place(self) -> str:
        """Where it logs, without passwords; empty for the run directory."""
        return ""

    @abstractmethod
    def begin(self, run: Run, experiment: Experiment, id: str) -> str:
        """Open the tracker's run and return its id.

        Args:
            run: the run directory, with its recipe.
            experiment: the compiled model with its data.
            id: of the tracker's run that is to be gone on with; empty for a new one.
        """

    @abstractmethod
    def log(self, epoch: int, figures: dict[str, float], picture: Path | None) -> None:
        """Log an epoch so that it is not lost when the process is killed afterwards.

        Args:
            epoch: from 1; 0 is the untrained network. Never goes down.
            figures: as `history.csv` names them; may be empty.
            picture: the sample grid, a PNG file.
        """

    @abstractmethod
    def finish(self, run: Run, figures: dict[str, float]) -> None:
        """Log the end of training and close the tracker's run.

        Args:
            run: with all its files.
            figures: on held-out pictures, as `held_out/NAME`.
        """

    # === What zoo and Keras call ===

    def on_run_begin(self, run: Run, experiment: Experiment) -> None:
        """Open the tracker's run; a failure refuses the training."""
        self._run, self._steps_per_epoch = run, experiment.steps_per_epoch
        self._state = read_state(run.path, self._key)
        try:
            self._state.id = self.begin(run, experiment, self._state.id)
        except ZooError:
            raise
        except Exception as error:  # Each library has errors of its own.
            raise ZooError(
                f"the tracker {self._told} cannot begin: {_reason(error)}; nothing was trained"
            ) from error
        write_state(run.path, self._key, self._state)
        self._attempt(self._log_missing)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Log the epoch."""
        if time.monotonic() >= self._next:
            self._attempt(self._log_missing)

    def on_run_end(self, run: Run) -> None:
        """Log what is missing, and the end."""
        self._run = run
        logged = self._attempt(self._log_missing)
        if not (self._attempt(lambda: self.finish(run, held_out(run))) and logged):
            _say(
                f"the tracker {self._told} lacks what the run wrote after epoch {self._state.epoch}"
            )

    # ===

    @property
    def _key(self) -> str:
        return f"{self.NAME} {self.place}".strip()

    @property
    def _told(self) -> str:
        return f"{self.NAME} at {self.place}" if self.place else self.NAME

    def _log_missing(self) -> None:
        assert self._run is not None
        run, state = self._run, self._state
        epochs = whole_epochs(run, self._steps_per_epoch)
        last = max(epochs, default=0)
        figures = {epoch: row for epoch, row in epochs.items() if epoch > state.epoch}
        pictures = {
            epoch: path
            for epoch, path in sample_grids(run).items()
            if state.picture < epoch <= last
        }
        for epoch in sorted({*figures, *pictures}):
            self.log(epoch, figures.get(epoch, {}), pictures.get(epoch))
            state.epoch = max(state.epoch, epoch if epoch in figures else 0)
            state.picture = max(state.picture, epoch if epoch in pictures else -1)
            write_state(run.path, self._key, state)

    def _attempt(self, act: Callable[[], None]) -> bool:
        """Call something that may fail without ending a training of hours; return whether it did not."""
        try:
            act()
        except Exception as error:  # Each library has errors of its own.
            self._next = time.monotonic() + PAUSE
            if not self._warned:
                self._warned = True
                _say(
                    f"the tracker {self._told} does not take what the run writes: {_reason(error)}; training goes on, "
                    "and what is missing is sent when it takes it again"
                )
            return False
        return True


def _reason(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    return first if len(first) <= MOST_OF_ERROR else f"{first[: MOST_OF_ERROR - 3]}..."


def _say(sentence: str) -> None:
    # tqdm.write lifts a bar that is being drawn, writes, and draws the bar again below.
    tqdm.write(f"zoo: warning: {sentence}", file=sys.stderr)
