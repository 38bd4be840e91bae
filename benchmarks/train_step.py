"""Seconds a training step: `fit`, a bare TensorFlow loop, and the floor that matrix products set.

    KERAS_BACKEND=tensorflow python benchmarks/train_step.py
    KERAS_BACKEND=tensorflow python benchmarks/train_step.py --model cyclegan --steps 1 --rounds 5

The three take turns in one process, so that a busy machine hurts all alike. The networks are those of the papers
(pix2pix: U-Net and PatchGAN; CycleGAN: ResNet of nine blocks and PatchGAN; 64 filters), batch size 1, pictures in
memory. The bare loop is written without zoo's models; it needs TensorFlow.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics

import keras
import numpy as np
from contestants import timed_floor

from zoo.backend.memory import keep_freed_memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=["pix2pix", "cyclegan"], default="pix2pix")
    parser.add_argument("--size", type=int, default=256, help="pixels of a side, a power of two")
    parser.add_argument("--filters", type=int, default=64, help="filters of the first layers")
    parser.add_argument("--steps", type=int, default=5, help="steps each takes in its turn")
    parser.add_argument("--rounds", type=int, default=7, help="turns that are counted")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()

    # As every experiment of zoo does; it is the whole process's, so the bare loop gains as much.
    keep_freed_memory()
    keras.utils.set_random_seed(0)
    size, filters = arguments.size, arguments.filters
    shape = (arguments.steps, size, size, 3)
    random = np.random.default_rng(0)
    data = {name: random.uniform(-1, 1, shape).astype("float32") for name in ("source", "target")}
    model = importlib.import_module(f"{arguments.model}_step")
    contestants = {"fit": model.fit_step(size, filters, data)}
    if keras.backend.backend() == "tensorflow":
        contestants["bare loop"] = model.bare_step(size, filters, data)
    contestants["floor"] = timed_floor(model.operations(size, filters))

    # The first turn compiles and is not counted.
    for run in contestants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(arguments.rounds):
        for name, run in contestants.items():
            seconds[name].append(run())
    medians = {name: statistics.median(values) for name, values in seconds.items()}

    if arguments.json:
        result = {
            "model": arguments.model,
            "backend": keras.backend.backend(),
            "keras": keras.version(),
            "machine": f"{os.cpu_count()} {platform.machine()} cores",
            "size": size,
            "filters": filters,
            "seconds_a_step": {name: round(value, 6) for name, value in medians.items()},
            "least_seconds_a_step": {name: round(min(v), 6) for name, v in seconds.items()},
        }
        print(json.dumps(result))
        return
    print(
        f"{arguments.model} on {keras.backend.backend()}, {size} x {size}, {filters} filters: median seconds a step"
    )
    for name, value in medians.items():
        print(
            f"  {name:10} {value:.3f}   (from {min(seconds[name]):.3f} to {max(seconds[name]):.3f})"
        )


if __name__ == "__main__":
    main()
