"""Runs that are killed, and how a resumed one is compared with one that was never stopped."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

# They tell how long it took, and what the process held at most.
CLOCKS = {"seconds", "images_per_second", "peak_memory_bytes"}


class Killed(BaseException):
    """What no code of ours catches, as none can catch SIGKILL."""


def killed(call: Callable[[], Any], before: int) -> None:
    """Call a function and kill it just before its write of that number, from 0."""
    replace, written = Path.replace, 0

    def kill(self: Path, target: Path) -> Path:
        nonlocal written
        if written == before:
            raise Killed
        written += 1
        return replace(self, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", kill)
        with pytest.raises(Killed):
            call()


def killed_after(call: Callable[[], Any], name: str) -> None:
    """Call a function and kill it just after it wrote a file of a name."""
    replace = Path.replace

    def kill(self: Path, target: Path) -> Path:
        replace(self, target)
        if target.name == name:
            raise Killed
        return target

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", kill)
        with pytest.raises(Killed):
            call()


def history(path: Path) -> list[dict[str, str]]:
    with (path / "history.csv").open(newline="") as lines:
        return [{k: v for k, v in row.items() if k not in CLOCKS} for row in csv.DictReader(lines)]


def figures(path: Path) -> dict[str, Any]:
    metrics = json.loads((path / "metrics.json").read_text())
    return {name: value for name, value in metrics.items() if name not in CLOCKS}


def weights(path: Path) -> list[np.ndarray]:
    from zoo.runs.run import load_network

    return [keras.ops.convert_to_numpy(variable) for variable in load_network(path).variables]


def files(path: Path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def assert_alike(run: Path, whole: Path) -> None:
    assert history(run) == history(whole)
    assert figures(run) == figures(whole)
    assert files(run) == files(whole)
    for name in ("generator.keras", "checkpoints/best.keras"):
        for one, other in zip(weights(run / name), weights(whole / name), strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)
    for file in sorted((whole / "samples").iterdir()):
        assert (run / "samples" / file.name).read_bytes() == file.read_bytes(), file.name
