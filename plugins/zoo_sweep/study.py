"""The study of a sweep: Optuna's journal, which processes on several machines share, and who takes which trial."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock, Timeout
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from zoo_sweep.space import Values, combinations
from zoo_sweep.sweep import Sweep

JOURNAL = "study.journal"
LOCKS = "locks"
NAME = "sweep"
# A trial whose process was killed so often, each time before it trained a step further, is given up.
MOST_STARTS = 3
# Trials that are never ended by the median of others, and the first epoch after which one may be.
WARM_TRIALS, FIRST_EPOCH = 3, 3


@dataclass
class Taken:
    """A trial that this process trains; nobody else may while its lock is held.

    Args:
        trial: Optuna's.
        lock: of the trial; it ends with the process.
        run: the run directory's name; empty if there is none yet.
    """

    trial: Trial
    lock: FileLock
    run: str

    @property
    def chosen(self) -> dict[str, str]:
        """The values of the swept keys, as overrides write them."""
        return texts(self.trial.params)


def texts(parameters: dict[str, Any]) -> dict[str, str]:
    """Return a trial's values as overrides write them."""
    return {
        key: value if isinstance(value, str) else repr(value) for key, value in parameters.items()
    }


def open_study(sweep: Sweep) -> optuna.Study:
    """Open the study of a sweep, or create it; every combination is queued where all are to be tried."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        storage = JournalStorage(JournalFileBackend(str(sweep.path / JOURNAL)))
        study = optuna.create_study(
            study_name=NAME,
            storage=storage,
            direction="maximize" if sweep.mode == "max" else "minimize",
            pruner=_pruner(sweep),
            load_if_exists=True,
        )
    if not sweep.trials:
        with lock_of(sweep):
            queued = [trial.system_attrs.get("fixed_params") for trial in study.get_trials(False)]
            for chosen in combinations(sweep.space):
                if chosen not in queued:
                    study.enqueue_trial(chosen)
    return study


@contextmanager
def lock_of(sweep: Sweep) -> Iterator[None]:
    """Hold the lock of a whole sweep for a moment."""
    with _lock(sweep, "sweep"):
        yield


def take(sweep: Sweep, study: optuna.Study) -> Taken | None:
    """Take the next trial: one whose process was killed before a new one; None if nothing is left to take."""
    with lock_of(sweep):
        for frozen in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if lock := _try_lock(sweep, frozen):
                if _is_given_up(frozen):
                    study.tell(frozen.number, state=TrialState.FAIL)
                    continue
                return Taken(Trial(study, frozen._trial_id), lock, frozen.user_attrs.get("run", ""))
        if not _has_new(sweep, study):
            return None
        study.sampler = _sampler(sweep, len(study.get_trials(deepcopy=False)))
        trial = study.ask({values.key: _distribution(values) for values in sweep.swept})
        lock = _lock(sweep, str(trial.number))
        lock.acquire()
        return Taken(trial, lock, "")


def is_left(sweep: Sweep, study: optuna.Study) -> bool:
    """Return whether `take` would find a trial, new or broken."""
    if _has_new(sweep, study):
        return True
    for frozen in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if lock := _try_lock(sweep, frozen):
            lock.release()
            return True
    return False


def note_start(taken: Taken, step: int) -> None:
    """Note that a trial begins or goes on at a step, and so may be the one that is killed."""
    taken.trial.set_user_attr("starts", [*taken.trial.user_attrs.get("starts", []), step])


def forget_starts(taken: Taken) -> None:
    """Note that a trial was stopped in order, and not killed."""
    taken.trial.set_user_attr("starts", [])


def _is_given_up(trial: FrozenTrial) -> bool:
    starts = trial.user_attrs.get("starts", [])
    return len(starts) >= MOST_STARTS and len(set(starts[-MOST_STARTS:])) == 1


def _has_new(sweep: Sweep, study: optuna.Study) -> bool:
    if sweep.trials:
        return len(study.get_trials(deepcopy=False)) < sweep.trials
    return bool(study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))


def _try_lock(sweep: Sweep, trial: FrozenTrial) -> FileLock | None:
    lock = _lock(sweep, str(trial.number))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def _lock(sweep: Sweep, name: str) -> FileLock:
    folder: Path = sweep.path / LOCKS
    folder.mkdir(exist_ok=True)
    return FileLock(folder / f"{name}.lock")


def _distribution(values: Values) -> Any:
    if not values.is_range:
        return optuna.distributions.CategoricalDistribution(values.texts)
    log = values.spacing == "log"
    step = None if values.spacing in ("", "log") else values.spacing
    if values.is_whole:
        return optuna.distributions.IntDistribution(
            int(values.low), int(values.high), log=log, step=int(step or 1)
        )
    return optuna.distributions.FloatDistribution(
        float(values.low), float(values.high), log=log, step=float(step) if step else None
    )


def _sampler(sweep: Sweep, number: int) -> Any:
    """Return what chooses the values of a trial; seeded by its number, so that a sweep that is gone on with chooses
    as one that was never stopped.
    """
    seed = sweep.seed + number
    if sweep.sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        # Trials that others are training count as bad ones, so that nobody tries the same beside them.
        return optuna.samplers.TPESampler(seed=seed, constant_liar=True)


def _pruner(sweep: Sweep) -> Any:
    if sweep.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=WARM_TRIALS, n_warmup_steps=FIRST_EPOCH)
    if sweep.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner()
    return optuna.pruners.NopPruner()
