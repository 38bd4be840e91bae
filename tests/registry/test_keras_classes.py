"""Keras's own losses, metrics and optimizers by their full names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import keras
import pydantic
import pytest

from zoo import load_host, load_recipe
from zoo.errors import ZooError
from zoo.recipe.problems import RecipeError
from zoo.registry.registry import Registry
from zoo.training.assembly import assemble

FULL_NAMES = {
    "reconstruction_loss": ("keras.losses.LogCosh", keras.losses.LogCosh),
    "metric": ("keras.metrics.MeanSquaredError", keras.metrics.MeanSquaredError),
    "optimizer": ("keras.optimizers.Lion", keras.optimizers.Lion),
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_host().registry


@pytest.mark.parametrize("kind", FULL_NAMES)
def test_a_class_of_keras_is_a_component(registry: Registry, kind: str) -> None:
    name, expected = FULL_NAMES[kind]
    component = registry.get(kind, name)
    assert (component.name, component.provider, component.file) == (
        name,
        "keras",
        name.rpartition(".")[0],
    )
    assert component.target is expected
    assert isinstance(component.create(component.resolve({})), expected)
    assert name not in registry.names(kind)


def test_its_arguments_are_those_of_its_signature(registry: Registry) -> None:
    lion = registry.get("optimizer", "keras.optimizers.Lion")
    created = lion.create(lion.resolve({"learning_rate": 1e-4, "beta_1": 0.5}))
    assert created.get_config()["beta_1"] == 0.5
    with pytest.raises(pydantic.ValidationError) as told:
        lion.resolve({"beta_3": 0.5, "beta_1": "half"})
    assert sorted(error["type"] for error in told.value.errors()) == [
        "extra_forbidden",
        "float_type",
    ]


BAD = {
    "a misspelt class": (
        "reconstruction_loss",
        "keras.losses.LogCos",
        "keras.losses has no reconstruction loss 'LogCos' that a recipe can use. "
        "Did you mean 'LogCosh'?",
    ),
    "a function": (
        "reconstruction_loss",
        "keras.losses.huber",
        "keras.losses has no reconstruction loss 'huber' that a recipe can use. "
        "Did you mean 'Huber'?",
    ),
    "another function": (
        "metric",
        "keras.metrics.get",
        "keras.metrics has no metric 'get' that a recipe can use.",
    ),
    "a base": (
        "optimizer",
        "keras.optimizers.Optimizer",
        "keras.optimizers has no optimizer 'Optimizer' that a recipe can use.",
    ),
    "an optimizer around others": (
        "optimizer",
        "keras.optimizers.LossScaleOptimizer",
        "keras.optimizers has no optimizer 'LossScaleOptimizer' that a recipe can use.",
    ),
    "a metric of single values": (
        "metric",
        "keras.metrics.Mean",
        "keras.metrics has no metric 'Mean' that a recipe can use.",
    ),
    "something deeper": (
        "optimizer",
        "keras.optimizers.schedules.CosineDecay",
        "keras.optimizers has no optimizer 'schedules.CosineDecay' that a recipe can use.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_anything_else_is_refused(registry: Registry, case: str) -> None:
    kind, name, message = BAD[case]
    component = registry.get(kind, name)
    with pytest.raises(ZooError, match=f"^{re.escape(message)}"):
        _ = component.target


def test_a_module_of_another_kind_is_an_unknown_name(registry: Registry) -> None:
    for kind, name in (("metric", "keras.losses.LogCosh"), ("generator", "keras.losses.LogCosh")):
        with pytest.raises(
            ZooError, match=rf"^there is no {kind} 'keras\.losses\.LogCosh'; there is "
        ):
            registry.get(kind, name)


def test_looking_one_up_imports_nothing() -> None:
    script = (
        "import sys; from zoo import load_host\n"
        "load_host().registry.get('reconstruction_loss', 'keras.losses.LogCosh')\n"
        "assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_registered_classes_of_keras_pass_the_same_check(registry: Registry) -> None:
    checked = 0
    for kind in FULL_NAMES:
        for component in registry.components(kind):
            if str(component.factory).startswith("keras."):
                checked += 1
                assert component.target.__module__.startswith("keras.")
    assert checked >= 7


def test_a_recipe_takes_them_and_trains(tiny_recipe: Path) -> None:
    experiment = assemble(
        str(tiny_recipe),
        "losses.reconstruction.0.name=keras.losses.LogCosh",
        "losses.reconstruction.0.weight=10",
        "evaluation.metrics.0.name=keras.metrics.MeanSquaredError",
        "optimizers.generator.name=keras.optimizers.Nadam",
    )
    history = experiment.model.fit(
        experiment.train_data, validation_data=experiment.test_data, verbose=0
    ).history
    assert history["val_mean_squared_error"][0] > 0
    assert any("LogCosh" in name and value[0] > 0 for name, value in history.items())
    assert type(experiment.model.optimizer.players["generator"]).__name__ == "Nadam"


def test_a_resolved_recipe_gives_the_same_experiment(tiny_recipe: Path, tmp_path: Path) -> None:
    override = "losses.reconstruction.0.name=keras.losses.Huber"
    recipe = load_recipe(tiny_recipe, override, "losses.reconstruction.0.delta=0.5")
    resolved = tmp_path / "resolved.yaml"
    resolved.write_text(recipe.to_yaml())
    assert load_recipe(resolved).resolved() == recipe.resolved()
    assert recipe.resolved()["losses"]["reconstruction"][0]["delta"] == 0.5


def test_a_recipe_that_names_none_is_refused_before_training(tiny_recipe: Path) -> None:
    with pytest.raises(RecipeError) as told:
        load_recipe(
            tiny_recipe,
            "losses.reconstruction.0.name=keras.losses.LogCos",
            "evaluation.metrics.0.name=keras.metrics.MeanSquareError",
        )
    assert [str(problem) for problem in told.value.problems] == [
        "command line: losses.reconstruction.0.name=keras.losses.LogCos: keras.losses has no reconstruction loss "
        "'LogCos' that a recipe can use. Did you mean 'LogCosh'?",
        "command line: evaluation.metrics.0.name=keras.metrics.MeanSquareError: keras.metrics has no metric "
        "'MeanSquareError' that a recipe can use. Did you mean 'MeanSquaredError'?",
    ]


OUT_OF_RANGE = {
    "optimizers.generator.learning_rate=-1": "expected a value of at least 0.0, got -1",
    "optimizers.generator.learning_rate=.nan": "expected a finite number, got nan",
    "optimizers.generator.beta_1=1": "expected a value less than 1.0, got 1",
    "optimizers.generator.beta_2=-0.1": "expected a value of at least 0.0, got -0.1",
    "optimizers.generator.epsilon=0": "expected a value greater than 0.0, got 0",
    "optimizers.generator.weight_decay=-1": "expected a value of at least 0.0, got -1",
    "optimizers.generator.clipnorm=0": "expected a value greater than 0.0, got 0",
    "optimizers.generator={name: sgd, learning_rate: 1, momentum: 1.5}": "expected a value less than 1.0, got 1.5",
    "optimizers.generator={name: keras.optimizers.Adadelta, rho: 2}": "expected a value less than 1.0, got 2",
    "losses.reconstruction.0={name: huber, delta: -1}": "expected a value greater than 0.0, got -1",
    "evaluation.metrics.0={name: keras.metrics.MeanIoU, num_classes: 100000000}": (
        "expected a value of at most 1000, got 100000000"
    ),
    "schedule={name: linear_decay, warmup: .inf}": "expected a finite number, got inf",
}


@pytest.mark.parametrize("override", OUT_OF_RANGE)
def test_an_argument_out_of_its_range_is_refused(override: str, tiny_recipe: Path) -> None:
    with pytest.raises(RecipeError) as told:
        load_recipe(tiny_recipe, override)
    (problem,) = told.value.problems
    assert problem.where == f"command line: {override}"
    assert problem.message == OUT_OF_RANGE[override]
