"""Models of other players than a generator and one discriminator, and discriminators of several outputs, by recipes."""

from __future__ import annotations

import json
from pathlib import Path

import contrastive
import keras
import numpy as np
import pytest
from command import run_in_process, run_process
from interrupted import assert_alike, killed_after
from tiny_files import write_pairs

import zoo
from zoo.errors import ZooError
from zoo.recipe.problems import RecipeError
from zoo.training.train import resume

PLUGIN = str(contrastive.__file__)
ADAM = "{name: adam, learning_rate: 2.0e-3, beta_1: 0.5}"
RECIPE = """\
model: {{name: {model}}}
generator: {{name: unet, filters: 2, depth: 3, dropout: 0.5}}
{sections}
dataset: {{name: folder, path: {pairs}, size: 16, test_share: 0.34}}
optimizers: {optimizers}
schedule: {{name: linear_decay}}
training: {{epochs: 2, batch_size: 2, seed: 3, workers: 0}}
evaluation: {{metrics: [{{name: l1}}, {{name: psnr}}], samples: 1}}
inference: {{ema: 0.9}}
"""
CONTRASTIVE = """\
discriminator: {name: patchgan, filters: 2, layers: 1}
losses: {adversarial: {name: lsgan}}"""
THREE = (
    f"{{generator: {ADAM}, discriminator: {ADAM}, projector: {{name: sgd, learning_rate: 0.5}}}}"
)
TWO_SCALES = """\
discriminator: {name: multiscale_patchgan, scales: 2, filters: 2, layers: 1}
losses:
  adversarial: {name: hinge}
  reconstruction:
    - {name: feature_matching, weight: 10}
  penalties:
    - {name: gradient_penalty, weight: 1, samples: real, target: 0}"""
TWO = f"{{generator: {ADAM}, discriminator: {ADAM}}}"
REGRESSION = "losses: {reconstruction: [{name: l1}, {name: ssim}]}"
MODELS = {
    "three players": ("contrastive", CONTRASTIVE, THREE),
    "two scales": ("pix2pix", TWO_SCALES, TWO),
}


def write(folder: Path, model: str, sections: str, optimizers: str) -> Path:
    pairs = folder / "pairs"
    if not pairs.is_dir():
        write_pairs(pairs)
    path = folder / f"{model}.yaml"
    text = RECIPE.format(model=model, sections=sections, optimizers=optimizers, pairs=pairs)
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path, *overrides: str, strict: bool = True) -> zoo.Recipe:
    return zoo.load_recipe(path, *overrides, host=zoo.load_host(PLUGIN), strict=strict)


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        zoo.assemble(load(path, *overrides, strict=False))
    return [str(problem).replace(str(path), "R") for problem in caught.value.problems]


@pytest.mark.parametrize("case", MODELS)
def test_it_is_trained_resumed_bit_for_bit_and_exported(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, *MODELS[case])
    whole = zoo.train(load(path), root=tmp_path / "whole")
    with (whole.path / "history.csv").open() as lines:
        columns = lines.readline().strip().split(",")
    model = zoo.assemble(load(path)).model
    assert set(model.loss_names) < set(columns)
    killed_after(lambda: zoo.train(load(path), root=tmp_path / "killed"), "last.keras")
    (stopped,) = (tmp_path / "killed").iterdir()
    assert_alike(resume(stopped, host=zoo.load_host(PLUGIN)).path, whole.path)
    plugin = () if case == "two scales" else ("--plugin", PLUGIN)
    # Exports are written on TensorFlow: on another backend the program, whose plugin has imported Keras, starts anew.
    command = run_in_process if keras.backend.backend() == "tensorflow" else run_process
    for words in (
        ("export", whole.path, "--format", "keras", "--out", "out", *plugin),
        ("translate", "out", whole.examples()[0], "--out", "painted"),
    ):
        done = command(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "zoo.json").read_text())["format"] == "keras"
    capsys.readouterr()


def test_every_player_has_its_own_optimizer_and_learns(tmp_path: Path) -> None:
    experiment = zoo.assemble(load(write(tmp_path, *MODELS["three players"])))
    model = experiment.model
    assert list(model.players) == ["discriminator", "generator", "projector"]
    kinds = {name: type(item).__name__ for name, item in model.optimizer.players.items()}
    assert kinds == {"discriminator": "Adam", "generator": "Adam", "projector": "SGD"}
    before = {name: _values(player) for name, player in model.players.items()}
    history = model.fit(experiment.train_data, epochs=3, verbose=0).history
    for name, player in model.players.items():
        moved = [(a != b).any() for a, b in zip(before[name], _values(player), strict=True)]
        assert all(moved), name
    # What the projector wants is what the generator wants of it.
    np.testing.assert_allclose(history["projector_nce"], history["generator_nce"], rtol=1e-5)
    assert history["projector_nce"][-1] < history["projector_nce"][0]


def _values(player: zoo.Player) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(weight).copy() for weight in player.weights]


def test_validate_tells_the_players(tmp_path: Path, zoo_command) -> None:
    path = write(tmp_path, *MODELS["three players"])
    done = zoo_command("validate", path, "--plugin", PLUGIN)
    assert done.returncode == 0, done.stderr
    assert "projector: 0.00 million weights" in done.stdout


def test_a_model_without_an_adversary_is_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "regression", REGRESSION, f"{{generator: {ADAM}}}")
    run = zoo.train(load(path), root=tmp_path / "runs")
    assert "discriminator" not in (run.path / "recipe.yaml").read_text()
    rows = (run.path / "history.csv").read_text().splitlines()
    assert rows[0].split(",")[3:] == ["generator_l1", "generator_ssim", "val_l1", "val_psnr"]
    assert run.examples()
    capsys.readouterr()


def test_optimizers_are_those_of_the_players(tmp_path: Path) -> None:
    path = write(tmp_path, *MODELS["three players"])
    assert problems(path, "optimizers={generator: {name: adam}, projektor: {name: adam}}") == [
        "command line: optimizers={generator: {name: adam}, projektor: {name: adam}}: "
        "optimizers.discriminator: is missing; give it a value",
        "command line: optimizers={generator: {name: adam}, projektor: {name: adam}}: "
        "optimizers.projector: is missing; give it a value",
        "command line: optimizers={generator: {name: adam}, projektor: {name: adam}}: "
        "optimizers.projektor: the model contrastive has no player 'projektor'; it has discriminator, generator, "
        "projector. Did you mean 'projector'?",
    ]
    told = problems(write(tmp_path, "pix2pix", CONTRASTIVE, THREE))
    assert told == [
        "R:6: optimizers.projector: the model pix2pix has no player 'projector'; it has generator, discriminator."
    ]


def test_sections_are_those_that_the_model_takes(tmp_path: Path) -> None:
    told = problems(write(tmp_path, "regression", CONTRASTIVE, f"{{generator: {ADAM}}}"))
    assert told == [
        "R:3: discriminator: the model regression takes no discriminator; leave it out",
        "R:4: losses.adversarial: the model regression takes no losses.adversarial; leave it out",
    ]
    assert problems(write(tmp_path, "pix2pix", REGRESSION, TWO)) == [
        "R:1: discriminator: is missing; give it a value",
        "R:3: losses.adversarial: is missing; give it a value",
    ]


def test_a_factory_and_its_model_agree(tmp_path: Path) -> None:
    four = THREE.replace("}}", f"}}, judge: {ADAM}}}")
    assert problems(write(tmp_path, "overstated", CONTRASTIVE, four)) == [
        "R:1: model: overstated declares the players discriminator, generator, projector, judge, but its model has "
        "discriminator, generator, projector; the factory's zoo.model_factory and the model's players have to agree"
    ]
    assert problems(write(tmp_path, "greedy", "", f"{{generator: {ADAM}}}")) == [
        "R:1: model: the model asks for a discriminator, but its factory does not declare that it takes one; "
        "add 'discriminator' to the `takes` of its zoo.model_factory"
    ]
    assert problems(write(tmp_path, "unsaved", "", f"{{generator: {ADAM}}}")) == [
        "R:1: model: the class Unsaved of unsaved has no get_config, without which no checkpoint could be written; "
        "give it get_config and from_config, as Keras's guide to saving shows"
    ]
    with pytest.raises(
        ValueError, match=r"a model takes no section losses\.perceptual; expected gen"
    ):
        zoo.model_factory(takes=("losses.perceptual",))
    with pytest.raises(ValueError, match="a model needs at least one player"):
        zoo.model_factory(players=())


NETWORKS = """
import keras, zoo

@zoo.hookimpl
def register_generators(register):
    for factory in (four_channels, two_pictures, smaller):
        register(factory.__name__, factory)

@zoo.hookimpl
def register_discriminators(register):
    for factory in (named, nested, whole_numbers, nothing):
        register(factory.__name__, factory)

def four_channels(input_shape, output_channels):
    x = keras.Input(input_shape)
    return keras.Model(x, keras.layers.Conv2D(4, 1)(x))

def two_pictures(input_shape, output_channels):
    x = keras.Input(input_shape)
    return keras.Model(x, [keras.layers.Conv2D(output_channels, 1)(x) for _ in range(2)])

def smaller(input_shape, output_channels):
    x = keras.Input(input_shape)
    return keras.Model(x, keras.layers.Conv2D(output_channels, 3)(x))

def named(input_shape):
    x = keras.Input(input_shape)
    return keras.Model(x, {"fine": keras.layers.Conv2D(1, 1)(x), "coarse": keras.layers.Conv2D(1, 2)(x)})

def nested(input_shape):
    x = keras.Input(input_shape)
    return keras.Model(x, [[keras.layers.Conv2D(1, 1)(x)], keras.layers.Conv2D(1, 2)(x)])

def whole_numbers(input_shape):
    x = keras.Input(input_shape)
    return keras.Model(x, keras.ops.cast(x, "int32"))

def nothing(input_shape):
    return None
"""
LOGITS = "expected logits: a tensor of floats, or a list of such tensors, as one for each scale"
PICTURES = "expected pictures of 16 x 16 with 3 channels"


def tensor(dtype: str, *sides: int) -> str:
    return f"a tensor of {dtype} of the shape (N, {', '.join(map(str, sides))})"


REFUSED = {
    "generator=four_channels": f"it answers {tensor('float32', 16, 16, 4)}; {PICTURES}",
    "generator=two_pictures": f"it answers a list of {tensor('float32', 16, 16, 3)}, {tensor('float32', 16, 16, 3)}; "
    + PICTURES,
    "generator=smaller": f"it answers {tensor('float32', 14, 14, 3)}; {PICTURES}",
    "discriminator=named": f"it answers a dict with fine, coarse; {LOGITS}",
    "discriminator=nested": f"it answers a list of a list of {tensor('float32', 16, 16, 1)}, "
    f"{tensor('float32', 15, 15, 1)}; {LOGITS}",
    "discriminator=whole_numbers": f"it answers {tensor('int32', 16, 16, 6)}; {LOGITS}",
    "discriminator=nothing": f"it answers an object of type NoneType; {LOGITS}",
}


@pytest.mark.one_backend
@pytest.mark.parametrize("choice", REFUSED)
def test_networks_of_another_structure_are_refused(choice: str, tmp_path: Path) -> None:
    plugin = tmp_path / "networks_of_this_test.py"
    plugin.write_text(NETWORKS)
    path = write(tmp_path, *MODELS["two scales"])
    section, _, name = choice.partition("=")
    recipe = zoo.load_recipe(path, f"{section}={{name: {name}}}", host=zoo.load_host(str(plugin)))
    with pytest.raises(ZooError) as caught:
        zoo.assemble(recipe)
    override = f"command line: {section}={{name: {name}}}"
    assert str(caught.value).splitlines()[1:] == [f"  {override}: {REFUSED[choice]}"]


def test_both_networks_and_the_losses_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, *MODELS["two scales"])
    assert problems(path, "generator.depth=7", "discriminator.layers=3", "training.epochs=0") == [
        "command line: training.epochs=0: expected a value of at least 1, got 0",
        "command line: generator.depth=7: generator: a U-Net of depth 7 needs height and width divisible by 128, but "
        "the pictures are 16 x 16; use depth 4 or a size of 128",
        "command line: discriminator.layers=3: discriminator: scale 2 of 2 sees pictures of 16 x 16 reduced to 8 x 8: "
        "a PatchGAN of 3 layers needs pictures of at least 24 x 24, but they are 8 x 8; use 1 layers or a size of at "
        "least 24, or fewer scales",
    ]
