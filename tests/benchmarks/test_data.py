import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "data.py"
pytest.importorskip("tensorflow", reason="the tutorial's pipeline is TensorFlow's")


def figures(*options):
    result = subprocess.run(
        [sys.executable, str(SCRIPT), "--size", "32", "--files", "12", *options, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_it_prints_every_pipeline():
    printed = figures("--pairs", "5", "--rounds", "1")
    rates = [value["median"] for name, value in printed.items() if name.endswith("a second")]
    assert printed.keys() >= {"zoo, pairs a second", "tutorial, pairs a second"}
    assert min(rates) > 0
    assert printed["zoo to tutorial"] > 0


def test_it_prints_what_a_training_waits():
    networks = ["generator.filters=2", "generator.depth=3", "discriminator.filters=2"]
    printed = figures("--steps", "4", *networks, "discriminator.layers=1")
    assert printed["steps"] >= 4
    assert 0 < printed["share waited"] < 1
    assert printed["seconds a step"] > 0
