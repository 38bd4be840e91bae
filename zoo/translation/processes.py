"""Translating in several processes, each with its own network."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import cache
from math import ceil
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.translation.job import Job
from zoo.translation.translation import Translation, translate_jobs

if TYPE_CHECKING:
    from zoo.translation.translator import Translator

# Batches that a process takes at a time, whose tiles fill each other up.
BATCHES = 4
# What backends read, before they start, about how many cores are theirs.
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def translate_in_processes(
    translation: Translation, jobs: Sequence[Job], processes: int
) -> Iterator[Job]:
    """Translate pictures and videos in several processes; yield each job when it is known to be written.

    The cores are shared out among the processes.

    Args:
        translation: what each of them does.
        jobs: as `zoo.translation.jobs.collect` makes them.
        processes: how many, at least 1; no more are started than there is work for.

    Raises:
        ZooError: what the first process that fails says, when the others have done what they were at; or if one ends
            suddenly.
    """
    at_a_time = max(1, min(BATCHES * translation.batch_size, ceil(len(jobs) / processes)))
    portions = [jobs[first : first + at_a_time] for first in range(0, len(jobs), at_a_time)]
    threads = max(1, (os.cpu_count() or 1) // processes)
    translation = replace(translation, threads=threads)
    executor = ProcessPoolExecutor(
        min(processes, len(portions)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(threads,),
    )
    try:
        tasks = [executor.submit(_translate, translation, portion) for portion in portions]
        for task in as_completed(tasks):
            yield from task.result()
    except BrokenProcessPool:
        raise ZooError(
            "a process that translated ended suddenly, as it does where memory is short; "
            "take fewer with --processes, and go on with --resume"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def _start(threads: int) -> None:
    # Ctrl-C reaches all processes; only the first has something to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name in THREADS:
        os.environ.setdefault(name, str(threads))


def _translate(translation: Translation, jobs: Sequence[Job]) -> list[Job]:
    return list(translate_jobs(_translator(translation), jobs))


@cache
def _translator(translation: Translation) -> Translator:
    return translation.translator()
