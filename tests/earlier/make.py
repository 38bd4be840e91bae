"""Makes the runs and exports of this folder, with the version of zoo whose commit README.md names.

    python make.py FOLDER

Of each model a whole run of two epochs, and one that was killed after its first checkpoint.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import zoo

UNET = "{name: unet, filters: 2, depth: 5, upsampling: resize}"
RESNET = "{name: resnet, filters: 2, blocks: 1}"
L1 = "{name: l1, weight: 10}"
RECIPE = """\
model: {{name: {model}{options}}}
generator: {generator}
discriminator: {{name: patchgan, filters: 2, layers: 2, norm: {norm}}}
losses: {losses}
dataset: {{name: folder, path: {path}, size: 32, test_share: 0.34{dataset}}}
optimizers:
  generator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
  discriminator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
schedule: {{name: linear_decay}}
training: {{epochs: 2, batch_size: 1, seed: 3, workers: 0}}
evaluation: {{metrics: [{{name: l1}}, {{name: psnr}}], samples: 0}}
inference: {inference}
"""
RECIPES = {
    "pix2pix": {
        "generator": UNET,
        "norm": "batch",
        "losses": "{adversarial: {name: vanilla}, reconstruction: ["
        + L1
        + ", {name: feature_matching, weight: 10}, "
        "{name: ssim}, {name: total_variation}]}",
        "dataset": ", direction: b_to_a",
        "inference": "{statistics: picture, ema: 0.9}",
    },
    "cyclegan": {
        "options": ", pool_size: 3",
        "generator": RESNET,
        "norm": "instance",
        "losses": "{adversarial: {name: lsgan}, reconstruction: [" + L1 + "]}",
        "path": "piles",
        "dataset": ", paired: false",
    },
    "wgan_gp": {
        "options": ", critic_steps: 2",
        "generator": UNET,
        "norm": "none",
        "losses": "{adversarial: {name: wasserstein}, reconstruction: [" + L1 + "], penalties: "
        "[{name: gradient_penalty, weight: 10}]}",
    },
    "colorization": {
        "generator": UNET,
        "norm": "batch",
        "losses": "{adversarial: {name: hinge}, reconstruction: [" + L1 + "]}",
    },
}
FORMATS = ("keras", "onnx", "litert", "openvino", "saved_model")


class Killed(BaseException):
    """What no code catches, as none can catch SIGKILL."""


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    os.chdir(folder)
    write_pictures()
    for model, keys in RECIPES.items():
        recipe = Path(f"{model}.yaml")
        defaults = {"path": "pictures", "dataset": "", "options": "", "inference": "{}"}
        recipe.write_text(RECIPE.format(model=model, **(defaults | keys)))
        run = zoo.train(str(recipe), root="whole")
        run.path.rename(f"whole/{model}")
        paths: Any = Path
        replace = paths.replace

        def kill(self: Path, target: Path, replace=replace) -> Path:
            result = replace(self, target)
            if Path(target).name == "last.keras":
                raise Killed
            return result

        paths.replace = kill
        try:
            zoo.train(str(recipe), root="killed")
        except Killed:
            pass
        finally:
            paths.replace = replace
        (killed,) = Path("killed").glob(f"{model}-*")
        killed.rename(f"killed/{model}")
        recipe.unlink()
    for name in FORMATS:
        zoo.export_run("whole/pix2pix", name, out=Path("exports") / name)
    thin()


def write_pictures() -> None:
    """Write six pictures of 64 x 32 px, A a smooth colour field and B its negative, and their sides in two folders."""
    Path("pictures").mkdir()
    Path("piles/A").mkdir(parents=True)
    Path("piles/B").mkdir()
    random = np.random.default_rng(5)
    for index in range(6):
        small = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        source = np.asarray(Image.fromarray(small).resize((32, 32), Image.Resampling.BILINEAR))
        pair = np.concatenate([source, 255 - source], axis=1)
        Image.fromarray(pair).save(f"pictures/{index}.png")
        Image.fromarray(source).save(f"piles/A/{index}.png")
        Image.fromarray(255 - source).save(f"piles/B/{index}.png")


def thin() -> None:
    """Leave out what no command reads, and what resuming makes anew."""
    for folder in [*Path("whole").iterdir(), *Path("killed").iterdir()]:
        for name in ("curves.png", "report.html"):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "samples")
    for folder in Path("whole").iterdir():
        (folder / "checkpoints/best.keras").unlink(missing_ok=True)
        if folder.name != "pix2pix":
            (folder / "checkpoints/last.keras").unlink()


main()
