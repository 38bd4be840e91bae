"""A folder of pairs and a recipe, small enough to train in a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_pairs(folder: Path) -> Path:
    """Write six side-by-side pictures, 32 x 16 px: A is a smooth colour field, B its negative."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    for index in range(6):
        small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        source = np.asarray(Image.fromarray(small).resize((16, 16), Image.Resampling.BILINEAR))
        Image.fromarray(np.concatenate([source, 255 - source], axis=1)).save(
            folder / f"{index}.png"
        )
    return folder


def write_recipe(path: Path, pairs: Path) -> Path:
    """Write a recipe of 16 px pictures, networks of four filters, two epochs."""
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
dataset: {{name: folder, path: {pairs}, size: 16, test_share: 0.34}}
optimizers:
  generator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
  discriminator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
training: {{epochs: 2, batch_size: 2, seed: 3, workers: 0}}
evaluation: {{metrics: [{{name: l1}}, {{name: psnr}}], samples: 2}}
"""
    )
    return path
