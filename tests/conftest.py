"""Fixtures that all tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tiny_files import write_pairs, write_recipe

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Importing ONNX Runtime to see whether it is there would leave files in the home folder of whoever tests.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

Zoo = Callable[..., "subprocess.CompletedProcess[str]"]


def run_graphs_as_traced() -> None:
    """Have TensorFlow run graphs as they are traced: a test runs each a few times, and rewriting them takes a sixth.

    Commands in processes of their own run them rewritten, as users do.
    """
    if (tensorflow := sys.modules.get("tensorflow")) and hasattr(tensorflow, "config"):
        tensorflow.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture(autouse=True, scope="module")
def graphs_of_a_module() -> None:
    """Run them as they are traced, in fixtures of the module too."""
    run_graphs_as_traced()


@pytest.fixture(autouse=True)
def graphs_of_a_test() -> None:
    """The same for a test before which nothing had imported TensorFlow."""
    run_graphs_as_traced()


@pytest.fixture
def zoo_command(tmp_path: Path) -> Zoo:
    """Runs `zoo` in an empty folder, within the test's process, and returns what it printed."""
    from command import run_in_process

    return partial(run_in_process, cwd=tmp_path)


@pytest.fixture
def zoo_process(tmp_path: Path) -> Zoo:
    """The same in a process of its own: for signals, environments, and what starting prints."""
    from command import run_process

    return partial(run_process, cwd=tmp_path)


@pytest.fixture
def pair_folder(tmp_path: Path) -> Path:
    """A folder of six pairs; see `write_pairs`."""
    return write_pairs(tmp_path / "pairs")


@pytest.fixture
def tiny_recipe(tmp_path: Path, pair_folder: Path) -> Path:
    """A recipe that trains on them in a second; see `write_recipe`."""
    return write_recipe(tmp_path / "tiny.yaml", pair_folder)
