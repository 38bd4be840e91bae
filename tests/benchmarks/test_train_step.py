import importlib
import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from zoo.networks.patchgan import patchgan
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "train_step.py"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["pix2pix", "cyclegan"])
def test_it_prints_every_contestant(model):
    options = ["--model", model, "--size", "32", "--filters", "2", "--steps", "1", "--rounds", "1"]
    result = subprocess.run(
        [sys.executable, str(SCRIPT), *options, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout.splitlines()[-1])
    backend = keras.backend.backend()
    assert (figures["model"], figures["backend"]) == (model, backend)
    bare = {"bare loop"} if backend == "tensorflow" else set()
    assert set(figures["seconds_a_step"]) == {"fit", "floor"} | bare
    assert min(figures["seconds_a_step"].values()) > 0


def test_the_papers_step_is_87_gigaflop(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    count = importlib.import_module("contestants").forward_operations
    painter = count(unet((256, 256, 3), 3)) / 1e9
    judge = count(patchgan((256, 256, 6))) / 1e9
    assert (painter, judge) == pytest.approx((12.10, 6.39), abs=0.005)
    step = importlib.import_module("pix2pix_step").operations(256, 64) / 1e9
    assert step == pytest.approx(87.4, abs=0.05)


def test_cyclegans_generator_is_99_gigaflop(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    count = importlib.import_module("contestants").forward_operations
    assert count(resnet((256, 256, 3), 3, blocks=9)) / 1e9 == pytest.approx(99.1, abs=0.05)
