"""The shipped CycleGAN and WGAN-GP recipes compute the same losses on every backend from the same weights."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo

PACKAGES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
HERE = keras.backend.backend()
STEPS = 5
CASES = {
    "CycleGAN": ("earth_cyclegan", ["generator.depth=3", "model.pool_size=2"]),
    # Dropout draws other numbers on each backend.
    "WGAN-GP": ("earth_wgan_gp", ["generator.depth=4", "generator.dropout=0"]),
}


def losses(case: str) -> list[dict[str, float]]:
    """The losses of five steps on the recipe's own pictures, from weights that NumPy draws, as small as Keras would."""
    recipe, changes = CASES[case]
    small = ["discriminator.layers=2", "discriminator.filters=4", "generator.filters=4"]
    experiment = zoo.assemble(recipe, *changes, *small, "dataset.size=64")
    model = experiment.model
    random = np.random.default_rng(0)
    for player in model.players.values():
        for variable in player.weights:
            spread = random.normal(0, 0.02, variable.shape)
            variable.assign(spread + 1 if variable.name == "gamma" else spread)
    model.random.seed.assign(1)
    history = []
    for step in range(STEPS):
        batch = experiment.train_data[step]
        logs = model.fit(batch, batch_size=len(batch["source"]), shuffle=False, verbose=0).history
        history.append({loss: values[0] for loss, values in logs.items()})
    return history


@pytest.fixture(scope="module", params=[name for name in PACKAGES if name != HERE])
def other(request: pytest.FixtureRequest) -> str:
    """Another backend; asked for before `ours`, which takes longer than to see that it is missing."""
    if importlib.util.find_spec(PACKAGES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def ours() -> dict[str, list[dict[str, float]]]:
    return {case: losses(case) for case in CASES}


@pytest.mark.one_backend
def test_five_steps_are_the_same_on_another_backend(other: str, ours) -> None:
    program = (
        "import json, test_same_on_backends as t; "
        "print(json.dumps({case: t.losses(case) for case in t.CASES}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_BACKEND": other, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    theirs = json.loads(result.stdout.splitlines()[-1])
    for case in CASES:
        assert len(theirs[case]) == len(ours[case]) == STEPS
        for mine, other_losses in zip(ours[case], theirs[case], strict=True):
            assert mine == pytest.approx(other_losses, rel=1e-4)
