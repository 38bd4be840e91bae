"""Starting one process after the other, each for one trial, until none is left or somebody stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import optuna

from zoo import ZooError
from zoo_sweep.results import rows, write_table
from zoo_sweep.study import MOST_STARTS, is_left
from zoo_sweep.sweep import Sweep
from zoo_sweep.worker import MISTAKE, NOTHING_LEFT, STOPPED

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stops:
    """Passes signals on to the running process, which ends its epoch, and notes them."""

    def __init__(self) -> None:
        self.heard = False
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.heard = True
        if self.process is not None:
            self.process.send_signal(number)


def run_trials(sweep: Sweep, study: optuna.Study, given: tuple[str, ...]) -> bool:
    """Train what is left of a sweep; return whether it was stopped before.

    Args:
        sweep: whose directory is written.
        study: of the sweep.
        given: plugins that are not installed, as `--plugin` names them.

    Raises:
        ZooError: if a mistake ends the sweep, or processes end again and again without a word.
    """
    broken = 0
    with _listening() as stops:
        while not stops.heard and is_left(sweep, study):
            code = _work(sweep, given, stops)
            write_table(sweep, rows(sweep, study))
            if code == NOTHING_LEFT:
                break
            if code == STOPPED:
                return True
            if code == MISTAKE:
                raise ZooError("the sweep ends here, as every other trial would")
            broken = broken + 1 if code else 0
            # Of one trial alone it would be given up before.
            if broken > MOST_STARTS and not stops.heard:
                raise ZooError(
                    f"{broken} processes in a row ended with the code {code} within a trial; look at what they wrote, "
                    f"then go on by 'zoo sweep --join {sweep.path}'"
                )
    return stops.heard


def _work(sweep: Sweep, given: tuple[str, ...], stops: Stops) -> int:
    command = [sys.executable, "-m", "zoo_sweep.worker", str(sweep.path), *given]
    # A group of its own: a Ctrl-C reaches it once, through us.
    stops.process = subprocess.Popen(command, process_group=0, env={**os.environ})
    try:
        return stops.process.wait()
    finally:
        stops.process = None


@contextmanager
def _listening() -> Iterator[Stops]:
    stops = Stops()
    before = {number: signal.signal(number, stops) for number in SIGNALS}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
