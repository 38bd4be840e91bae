"""Where an experiment that cannot be assembled says that the mistake is."""

from __future__ import annotations

from pathlib import Path

import pytest

import zoo
from zoo.recipe import RecipeError

JUDGE = """\
import keras
from zoo import hookimpl


def judge(input_shape):
    \"\"\"One convolution.\"\"\"
    picture = keras.Input(input_shape)
    return keras.Model(picture, keras.layers.Conv2D(1, 3)(picture))


@hookimpl
def register_discriminators(register):
    register("judge", judge)
"""
FEATURES = (
    "feature matching compares the outputs of the discriminator's activation layers, but the discriminator 'judge' has "
    "no activation layer of its own; use another discriminator, such as patchgan, or leave the loss out"
)
L1 = "    - {name: l1, weight: 100}"
PATCHGAN = "{name: patchgan, filters: 4, layers: 1}"
# What is replaced in the tiny recipe, and the place that is to blame.
CASES = {
    "a loss of features that a discriminator does not have": (
        {L1: f"{L1}\n    - {{name: feature_matching}}", PATCHGAN: "{name: judge}"},
        "9: losses.reconstruction.1",
        FEATURES,
    ),
    "a loss of features where pictures are compared": (
        {
            "{name: pix2pix}": "{name: cyclegan}",
            "{name: l1, weight: 100}": "{name: feature_matching}",
        },
        "8: losses.reconstruction.0",
        "cyclegan compares pictures, but feature_matching compares a discriminator's features of pairs; use another "
        "loss, as l1, ssim or perceptual",
    ),
    "no loss where one is needed": (
        {"{name: pix2pix}": "{name: cyclegan}", L1: "    []"},
        "7: losses.reconstruction",
        "cyclegan compares what comes back with what went in by losses.reconstruction, which is empty; give it one, as "
        "{name: l1, weight: 10}",
    ),
    "a critic with batch norm": (
        {
            "{name: pix2pix}": "{name: wgan_gp, critic_steps: 2}",
            L1: f"{L1}\n  penalties: [{{name: gradient_penalty}}]",
        },
        "4: discriminator",
        "the gradient penalty is about each picture by itself, but batch norm in the critic mixes the pictures of a "
        "batch; set discriminator.norm to instance or none",
    ),
    "a schedule that starts below its end": (
        {"training:": "schedule: {name: plateau, minimum: 0.1}\ntraining:"},
        "13: schedule",
        "the minimum of the learning rate is 0.1, but it starts at 0.0002; expected a minimum that is not above the "
        "start",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_part_that_is_to_blame_is_named(case: str, tiny_recipe: Path, tmp_path: Path) -> None:
    changes, place, message = CASES[case]
    plugin = tmp_path / "judge_plugin.py"
    plugin.write_text(JUDGE)
    text = tiny_recipe.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    tiny_recipe.write_text(text)
    recipe = zoo.load_recipe(tiny_recipe, host=zoo.load_host(str(plugin)))
    with pytest.raises(RecipeError) as told:
        zoo.assemble(recipe)
    assert [str(item) for item in told.value.problems] == [f"{tiny_recipe}:{place}: {message}"]


OVERRIDES = {
    # The override that is to blame stands beside others that are not.
    ("training.epochs=1", "dataset.size=12", "training.seed=4"): (
        "command line: dataset.size=12: generator: a U-Net of depth 3 needs height and width divisible by 8, but the "
        "pictures are 12 x 12; use depth 2 or a size of 16"
    ),
    ("generator.filters=2", "generator.depth=5", "dataset.size=16"): (
        "command line: generator.filters=2 generator.depth=5: generator: a U-Net of depth 5 needs height and width "
        "divisible by 32, but the pictures are 16 x 16; use depth 4 or a size of 32"
    ),
    ("losses.reconstruction.0.name=feature_matching", "model.name=cyclegan"): (
        "command line: losses.reconstruction.0.name=feature_matching: losses.reconstruction.0: cyclegan compares "
        "pictures, but feature_matching compares a discriminator's features of pairs; use another loss, as l1, ssim or "
        "perceptual"
    ),
    ("optimizers.generator.learning_rate=1e-9", "schedule={name: plateau, minimum: 1e-8}"): (
        "command line: schedule={name: plateau, minimum: 1e-8}: the minimum of the learning rate is 1e-08, but it "
        "starts at 1e-09; expected a minimum that is not above the start"
    ),
}


@pytest.mark.parametrize("overrides", OVERRIDES, ids=" ".join)
def test_an_override_that_is_to_blame_is_named(
    overrides: tuple[str, ...], tiny_recipe: Path
) -> None:
    with pytest.raises(RecipeError) as told:
        zoo.assemble(str(tiny_recipe), *overrides)
    assert [str(item) for item in told.value.problems] == [OVERRIDES[overrides]]
