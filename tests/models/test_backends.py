"""From the same weights the backends compute the same losses."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny import tiny_data, tiny_pix2pix

PACKAGES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
HERE = keras.backend.backend()


def losses_of_three_steps():
    """The losses from weights that NumPy draws, so that no backend's random numbers are in them."""
    random = np.random.default_rng(0)
    model = tiny_pix2pix(depth=4)
    for variable in model.trainable_variables:
        spread = random.normal(0, 0.1, variable.shape)
        variable.assign(spread + 1 if variable.name == "gamma" else spread)
    data = tiny_data(3, depth=4)
    history = []
    for step in range(3):
        batch = {name: part[step : step + 1] for name, part in data.items()}
        logs = model.fit(batch, batch_size=1, verbose=0).history
        history.append({name: values[0] for name, values in logs.items()})
    return history


@pytest.fixture(scope="module")
def ours():
    return losses_of_three_steps()


@pytest.mark.parametrize("other", [name for name in PACKAGES if name != HERE])
@pytest.mark.one_backend
def test_another_backend_computes_the_same_losses(other, ours):
    if importlib.util.find_spec(PACKAGES[other]) is None:
        pytest.skip(f"{other} is not installed")
    program = "import json, test_backends as t; print(json.dumps(t.losses_of_three_steps()))"
    here = Path(__file__).parent
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "KERAS_BACKEND": other,
            "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)]),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    theirs = json.loads(result.stdout.splitlines()[-1])
    assert len(theirs) == len(ours) == 3
    for mine, other_losses in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other_losses, rel=2e-4)
