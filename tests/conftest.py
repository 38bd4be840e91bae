"""Fixtures that all tests share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Importing ONNX Runtime to see whether it is there would leave files in the home folder of whoever tests.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

Zoo = Callable[..., "subprocess.CompletedProcess[str]"]


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
    """A folder of six side-by-side pictures, 32 x 16 px: A is a smooth colour field, B its negative."""
    folder = tmp_path / "pairs"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for index in range(6):
        small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        source = np.asarray(Image.fromarray(small).resize((16, 16), Image.Resampling.BILINEAR))
        Image.fromarray(np.concatenate([source, 255 - source], axis=1)).save(
            folder / f"{index}.png"
        )
    return folder


@pytest.fixture
def tiny_recipe(tmp_path: Path, pair_folder: Path) -> Path:
    """A recipe that trains in a second: 16 px pictures, networks of four filters, two epochs."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        f"""\
# A tiny recipe for tests.
model: {{name: pix2pix}}
generator: {{name: unet, filters: 4, depth: 3, dropout: 0.5}}
discriminator: {{name: patchgan, filters: 4, layers: 1}}
losses:
  adversarial: {{name: vanilla}}
  reconstruction:
    - {{name: l1, weight: 100}}
dataset: {{name: folder, path: {pair_folder}, size: 16, test_share: 0.34}}
optimizers:
  generator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
  discriminator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
training: {{epochs: 2, batch_size: 2, seed: 3, workers: 0}}
evaluation: {{metrics: [{{name: l1}}, {{name: psnr}}], samples: 2}}
"""
    )
    return path
