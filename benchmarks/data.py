"""Pairs a second from JPEG files to augmented batches, and what a training step waits for them.

    KERAS_BACKEND=tensorflow python benchmarks/data.py
    KERAS_BACKEND=tensorflow python benchmarks/data.py --steps 60

The files are 256 px pairs of the earth, side by side. All contestants crop from 286 px, mirror, and give batches of one
pair in [-1, 1]; they take turns in one process, so that a busy machine hurts all alike. Grain takes part where it is
installed. With `--steps` the recipe `earth_256` is trained on the files, and the time that it waits for batches is
measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import keras
from pipelines import Pipeline, grain_pipeline, tutorial_pipeline, write_pairs, zoo_pipeline

from zoo.backend.memory import keep_freed_memory
from zoo.data.loader import Batch, Loader
from zoo.training.assembly import assemble

BUFFERED = 450  # batches, more than the tutorial's shuffling holds
WARM_UP = 5  # steps, of which the first compiles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="pixels of a side")
    parser.add_argument("--files", type=int, default=400, help="JPEG files that are written")
    parser.add_argument("--pairs", type=int, default=400, help="pairs each gives in its turn")
    parser.add_argument("--rounds", type=int, default=9, help="turns that are counted")
    parser.add_argument("--workers", type=int, default=2, help="threads of zoo and of Grain")
    parser.add_argument("--steps", type=int, default=0, help="training steps to measure instead")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("overrides", nargs="*", help="of the recipe that is trained: KEY=VALUE")
    arguments = parser.parse_args()

    keep_freed_memory()  # as every experiment of zoo does
    with tempfile.TemporaryDirectory() as directory:
        # An epoch of the training is as many steps as are asked for; one file is held out.
        files = arguments.files if not arguments.steps else arguments.steps + WARM_UP + 2
        write_pairs(Path(directory), files, arguments.size)
        if arguments.steps:
            result = waiting(Path(directory), arguments)
        else:
            result = race(contestants(Path(directory), arguments), arguments)
    result["machine"] = f"{os.cpu_count()} {platform.machine()} cores"
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name}: {value}")


def contestants(directory: Path, arguments: argparse.Namespace) -> dict[str, Pipeline]:
    size, workers = arguments.size, arguments.workers
    pipelines = {
        "zoo": zoo_pipeline(directory, size, workers),
        "tutorial": tutorial_pipeline(directory, size),
    }
    if importlib.util.find_spec("grain"):
        pipelines["Grain"] = grain_pipeline(directory, size, workers)
    return pipelines


def race(pipelines: dict[str, Pipeline], arguments: argparse.Namespace) -> dict[str, object]:
    """Pairs a second, medians of all rounds but the first, and the median of the ratios of each round."""
    rates: dict[str, list[float]] = {name: [] for name in pipelines}
    for _ in range(1 + arguments.rounds):
        for name, begin in pipelines.items():
            rates[name].append(arguments.pairs / seconds(begin(), arguments.pairs))
    rates = {name: values[1:] for name, values in rates.items()}
    result: dict[str, object] = {
        f"{name}, pairs a second": {
            "median": round(statistics.median(values), 1),
            "least": round(min(values), 1),
            "most": round(max(values), 1),
        }
        for name, values in rates.items()
    }
    ratios = [ours / theirs for ours, theirs in zip(rates["zoo"], rates["tutorial"], strict=True)]
    result["zoo to tutorial"] = round(statistics.median(ratios), 3)
    return result


def seconds(batches: Iterator[object], count: int) -> float:
    """Take some batches. What is made ahead or fills a buffer is made first; it ends with this turn."""
    for _ in range(BUFFERED):
        next(batches)
    begun = time.perf_counter()
    for _ in range(count):
        next(batches)
    return time.perf_counter() - begun


class TimedLoader(Loader):
    """Notes for how long each batch kept its caller waiting."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.waited: list[float] = []

    def __getitem__(self, index: int) -> Batch:
        begun = time.perf_counter()
        batch = super().__getitem__(index)
        self.waited.append(time.perf_counter() - begun)
        return batch


class Ends(keras.callbacks.Callback):
    """Notes the time at the end of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.times.append(time.perf_counter())


def waiting(directory: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """Seconds a step, and for how many of them the loader kept its caller waiting."""
    said = [
        "dataset.name=folder",
        f"dataset.path={directory}",
        f"dataset.size={arguments.size}",
        "dataset.test_share=0.001",
    ]
    experiment = assemble("earth_256", *said, *arguments.overrides)
    training = experiment.recipe.sections.training
    loader = TimedLoader(
        experiment.dataset.train,
        training.batch_size,
        seed=training.seed,
        shuffle=True,
        augment=True,
        workers=arguments.workers,
    )
    ends = Ends()
    passes = -(-(WARM_UP + arguments.steps) // len(loader))
    experiment.model.fit(loader, epochs=passes, shuffle=False, callbacks=[ends], verbose=0)
    steps = [after - before for before, after in pairwise(ends.times[WARM_UP:])]
    waited = loader.waited[WARM_UP:]
    return {
        "backend": keras.backend.backend(),
        "steps": len(steps),
        "seconds a step": round(statistics.median(steps), 4),
        "milliseconds waited": {
            "median": round(1e3 * statistics.median(waited), 3),
            "mean": round(1e3 * statistics.mean(waited), 3),
            "most": round(1e3 * max(waited), 3),
        },
        "share waited": round(sum(waited) / sum(steps), 5),
    }


if __name__ == "__main__":
    main()
