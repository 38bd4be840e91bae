"""Proofs that train the real recipe for a while; pytest -m slow runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.training.train import train


def mean_colour_psnr() -> float:
    """PSNR of answering the training tiles' mean colour for every held-out tile of the recipe earth."""
    dataset = zoo.assemble("earth").dataset
    train_tiles, test_tiles = dataset.train, dataset.test
    colour = np.mean(
        [train_tiles.example(i, None)["target"].mean((0, 1)) for i in range(len(train_tiles))],
        axis=0,
    )
    errors = [
        np.square(test_tiles.example(i, None)["target"] - colour).mean()
        for i in range(len(test_tiles))
    ]
    return float(np.mean(10 * np.log10(4 / np.array(errors))))


@pytest.mark.slow
def test_a_few_epochs_of_earth_beat_the_mean_colour(tmp_path: Path) -> None:
    run = train("earth", "training.epochs=6", root=tmp_path, say=lambda line: None)
    assert run.metrics["psnr"] > mean_colour_psnr() + 0.5


@pytest.mark.slow
def test_two_processes_train_earth_to_the_same_weights() -> None:
    code = (
        "import zoo, hashlib, keras\n"
        "e = zoo.assemble('earth')\n"
        "for i in range(12): e.model.train_on_batch(e.train_data[i])\n"
        "h = hashlib.sha256()\n"
        "for v in [*e.model.variables, *e.model.optimizer.variables]:\n"
        "    h.update(keras.ops.convert_to_numpy(v).tobytes())\n"
        "print(h.hexdigest())\n"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert found[0] == found[1]
