import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "train_step.py"


def test_it_prints_every_contestant():
    options = ["--size", "32", "--filters", "2", "--steps", "1", "--rounds", "1", "--json"]
    result = subprocess.run(
        [sys.executable, str(SCRIPT), *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout.splitlines()[-1])
    backend = keras.backend.backend()
    assert figures["backend"] == backend
    bare = {"bare loop"} if backend == "tensorflow" else set()
    assert set(figures["seconds_a_step"]) == {"fit", "floor"} | bare
    assert min(figures["seconds_a_step"].values()) > 0


def test_the_papers_step_is_87_gigaflop():
    spec = importlib.util.spec_from_file_location("train_step", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    painter = module.forward_operations(unet((256, 256, 3), 3)) / 1e9
    judge = module.forward_operations(patchgan((256, 256, 6))) / 1e9
    assert (painter, judge) == pytest.approx((12.10, 6.39), abs=0.005)
    assert 3 * painter + 8 * judge == pytest.approx(87.4, abs=0.05)
