"""Trainings that go wrong on purpose, by the command line: each is told in a sentence; an ordinary one is silent."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.runs.run import list_runs
from zoo.training.guards import outputs

# Components that go wrong. A training picture that is all white breaks the loss.
BROKEN = """
import keras
from keras import ops
from zoo import hookimpl

def same_for_all(input_shape, output_channels):
    source = keras.Input(input_shape)
    nothing = keras.layers.Rescaling(0.0)(source)
    return keras.Model(source, keras.layers.Conv2D(output_channels, 1, activation="tanh")(nothing))

def copy(input_shape, output_channels):
    source = keras.Input(input_shape)
    layer = keras.layers.EinsumDense("nhwc,cd->nhwd", (None, None, 3), kernel_initializer="identity")
    return keras.Model(source, layer(source))

@keras.saving.register_keras_serializable("broken")
class NoWhite(keras.losses.Loss):
    def __init__(self, value="nan", name="no_white", **options):
        super().__init__(name=name)
        self.value = value

    def call(self, target, fake):
        white = ops.mean(target) > 0.9
        return ops.mean(ops.abs(target - fake)) + ops.where(white, float(self.value), 0.0)

def no_white(*, value: str = "nan"):
    return NoWhite(value)

@hookimpl
def register_generators(register):
    register("same_for_all", same_for_all, summary="one picture")
    register("copy", copy, summary="the source")

@hookimpl
def register_reconstruction_losses(register):
    register("no_white", no_white, summary="no number for white pictures")
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.py"
    path.write_text(BROKEN)
    return path


def warnings(tmp_path: Path) -> list[dict[str, object]]:
    (run,) = list_runs(tmp_path / "runs")
    assert run.warnings == [
        json.loads(line) for line in (run.path / "warnings.jsonl").read_text().splitlines()
    ]
    return run.warnings


def save_pair(path: Path, source: np.ndarray, target: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate([source, target], axis=1)).save(path)


def picture(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((16, 16), Image.Resampling.BILINEAR))


def test_an_ordinary_training_is_silent(zoo_command, tiny_recipe: Path, tmp_path: Path) -> None:
    done = zoo_command("train", tiny_recipe, "training.epochs=7", "checkpoints.every=7")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    (run,) = list_runs(tmp_path / "runs")
    assert run.warnings == []
    assert not (run.path / "warnings.jsonl").exists()


def test_a_collapsed_generator_faces_a_discriminator_that_is_too_strong(
    zoo_command, tiny_recipe: Path, tmp_path: Path, broken: Path
) -> None:
    folder = tmp_path / "many"
    for seed in range(125):
        save_pair(folder / "train" / f"{seed}.png", picture(seed), 255 - picture(seed))
    for seed in (200, 201):
        save_pair(folder / "test" / f"{seed}.png", picture(seed), 255 - picture(seed))
    done = zoo_command(
        "train",
        tiny_recipe,
        "--plugin",
        broken,
        "generator={name: same_for_all}",
        "optimizers.generator.learning_rate=1e-5",
        "optimizers.discriminator.learning_rate=5e-3",
        "losses.reconstruction=[]",
        f"dataset={{name: folder, path: {folder}, size: 16}}",
        "training={epochs: 5, batch_size: 1, seed: 3, workers: 0}",
        "evaluation={samples: 2}",
        "checkpoints.every=5",
    )
    assert done.returncode == 0, done.stderr
    told = {str(line["kind"]): line for line in warnings(tmp_path)}
    assert set(told) == {"generator_collapsed", "discriminator_too_strong"}
    # Three grids would have shown it, but then the training was young.
    assert (told["generator_collapsed"]["epoch"], told["generator_collapsed"]["step"]) == (4, 500)
    assert str(told["generator_collapsed"]["message"]).startswith(
        "the column 'translated' of epoch-0004.png shows the same picture for different sources, and has for 3 grids: "
    )
    strong = str(told["discriminator_too_strong"]["message"])
    assert re.match(
        r"'discriminator' has told real pictures from fakes almost without a mistake for 3 epochs \(discriminator_real "
        r"\S+, discriminator_fake \S+\), while generator_adversarial did not fall \(\S+\), so that ",
        strong,
    )
    for line in told.values():
        assert f"warning: {line['message']} ({line['docs']})\n" in done.stderr


def test_a_copy_without_a_loss_is_seen_to_copy_and_not_to_learn(
    zoo_command,
    tiny_recipe: Path,
    tmp_path: Path,
    broken: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outputs, "STEPS", 6)
    done = zoo_command(
        "train",
        tiny_recipe,
        "--plugin",
        broken,
        "generator={name: copy}",
        "losses.adversarial.weight=0",
        "losses.reconstruction=[]",
        "training.epochs=4",
        "checkpoints.every=4",
    )
    assert done.returncode == 0, done.stderr
    told = {str(line["kind"]): line for line in warnings(tmp_path)}
    assert set(told) == {"frozen_weights", "identity_learned"}
    assert (told["frozen_weights"]["epoch"], told["identity_learned"]["epoch"]) == (1, 3)
    assert told["frozen_weights"]["message"] == (
        "in epoch 1 not all players learned: the weights of 'generator' did not move though its learning rate is "
        "2.000e-04, so that no gradient reaches them; see that its losses have weights above 0, and try the precision "
        "float32"
    )
    assert str(told["identity_learned"]["message"]).startswith(
        "the column 'translated' of epoch-0003.png shows the sources as they are"
    )


def test_held_out_pictures_of_another_kind_get_worse_and_copies_of_them_are_found(
    zoo_command, tiny_recipe: Path, tmp_path: Path, broken: Path
) -> None:
    folder = tmp_path / "odd"
    for seed in range(4):
        save_pair(folder / "train" / f"{seed}.png", picture(seed), 255 - picture(seed))
    for seed in (8, 9):
        save_pair(folder / "test" / f"{seed}.png", picture(seed), picture(seed))
    shutil.copy(folder / "train" / "0.png", folder / "test" / "0.png")
    arguments = [
        "train",
        tiny_recipe,
        "--plugin",
        broken,
        "generator={name: copy}",
        "optimizers.generator.learning_rate=0.02",
        f"dataset={{name: folder, path: {folder}, size: 16}}",
        "training.epochs=7",
        "evaluation.samples=0",
        "checkpoints.every=7",
    ]
    done = zoo_command(*arguments)
    assert done.returncode == 0, done.stderr
    first, second = warnings(tmp_path)
    assert (first["kind"], first["epoch"], first["step"]) == ("overlap", 0, 0)
    assert str(first["message"]).startswith(
        f"1 of 3 held-out pictures is also among 4 that are trained on ({folder}/test/0.png is {folder}/train/0.png), "
    )
    assert second["kind"] == "worsening"
    (run,) = list_runs(tmp_path / "runs")
    best = int(np.argmax(run.history["val_psnr"])) + 1
    assert second["epoch"] == best + 5
    assert str(second["message"]).startswith(f"val_psnr was best in epoch {best} (")
    assert f"that epoch's generator is kept in {Path('runs') / run.path.name}" in str(
        second["message"]
    )


@pytest.mark.parametrize(("value", "word"), [("nan", "NaN"), ("inf", "infinite")])
def test_a_loss_that_is_no_number_is_named_with_its_step_and_its_batch_kept(
    value: str, word: str, zoo_command, tiny_recipe: Path, tmp_path: Path, broken: Path
) -> None:
    folder = tmp_path / "odd"
    white = np.full((16, 16, 3), 255, np.uint8)
    for seed in range(4):
        save_pair(
            folder / "train" / f"{seed}.png", picture(seed), white if seed == 2 else picture(seed)
        )
    save_pair(folder / "test" / "0.png", picture(8), picture(9))
    overrides = [
        f"losses.reconstruction=[{{name: l1, weight: 10}}, {{name: no_white, value: {value}}}]",
        f"dataset={{name: folder, path: {folder}, size: 16}}",
        "training.batch_size=1",
    ]
    # The epoch in which the white picture comes last but one, so that a checkpoint is behind.
    host = zoo.load_host(str(broken))
    loader = zoo.assemble(zoo.load_recipe(tiny_recipe, *overrides, host=host)).train_data
    targets = [float(loader[step]["target"].mean()) for step in range(4)]
    step = int(np.argmax(targets))
    done = zoo_command("train", tiny_recipe, "--plugin", broken, *overrides)
    assert done.returncode == 2
    (run,) = list_runs(tmp_path / "runs")
    name = Path("runs") / run.path.name
    expected = (
        f"'generator_no_white' became {word} in step {step + 1} of epoch 1: training has diverged; try a lower "
        "learning rate, smaller loss weights, or the precision float32; the batch of that step is kept in "
        f"{name}/diverged; no checkpoint had been saved before it"
    )
    assert f"zoo: {expected} (docs/troubleshooting.md#diverged)\n" in done.stderr
    assert run.status == "failed"
    (line,) = run.warnings
    assert (line["kind"], line["epoch"], line["step"]) == ("diverged", 1, step + 1)
    assert line["message"] == expected
    kept = np.load(run.path / "diverged" / "batch.npz")
    assert np.array_equal(kept["target"], loader[step]["target"])
    with Image.open(run.path / "diverged" / "target-0001.png") as shown:
        assert np.array_equal(np.asarray(shown), white)
    assert not (run.path / "generator.keras").exists()
