"""Recipes: reading, extending, overriding, resolving; and the shipped ones."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import zoo
from zoo.builtin import recipe_folder
from zoo.cli.recipes import SCHEMA_FILE, schema_text
from zoo.recipe import RecipeError
from zoo.recipe.document import parse_document, parse_value
from zoo.recipe.json_schema import recipe_schema

SHIPPED = sorted(recipe_folder().glob("*.yaml"))


def test_the_shipped_recipes_are_found_by_name() -> None:
    names = [path.stem for path in SHIPPED]
    assert {"earth", "facades", "horse2zebra", "edges2photo"} <= set(names)
    registry = zoo.load_host().registry
    assert registry.names("recipe") == names
    assert all(component.summary for component in registry.components("recipe"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_loads_fits_the_schema_and_names_it(path: Path) -> None:
    recipe = zoo.load_recipe(path.stem)
    assert recipe.problems == []
    assert path.read_text().startswith(f"# yaml-language-server: $schema=./{SCHEMA_FILE}\n")
    jsonschema.validate(recipe.document.data, recipe_schema(recipe.host))
    jsonschema.validate(recipe.resolved(), recipe_schema(recipe.host))


def test_the_shipped_schema_is_what_zoo_schema_prints() -> None:
    assert (recipe_folder() / SCHEMA_FILE).read_text() == schema_text(zoo.load_host())


def test_the_papers_recipe_says_the_papers_figures() -> None:
    resolved = zoo.load_recipe("earth_256").resolved()
    assert resolved["generator"] == {
        "name": "unet",
        "filters": 64,
        "depth": 8,
        "norm": "batch",
        "dropout": 0.5,
        "upsampling": "transposed",
        "init": "normal",
    }
    assert resolved["discriminator"] == {
        "name": "patchgan",
        "filters": 64,
        "layers": 3,
        "norm": "batch",
        "init": "normal",
        "spectral_norm": False,
    }
    assert resolved["losses"]["reconstruction"][0]["weight"] == 100
    for player in ("generator", "discriminator"):
        assert resolved["optimizers"][player]["learning_rate"] == 2e-4
        assert resolved["optimizers"][player]["beta_1"] == 0.5
    assert resolved["inference"] == {"dropout": True, "statistics": "picture", "ema": 0.0}


def test_resolving_writes_every_default_and_loads_to_the_same(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    recipe = zoo.load_recipe(tiny_recipe)
    resolved = recipe.resolved()
    assert resolved["generator"] == {
        "name": "unet",
        "filters": 4,
        "depth": 3,
        "norm": "batch",
        "dropout": 0.5,
        "upsampling": "transposed",
        "init": "normal",
    }
    assert resolved["schedule"] == {"name": "constant", "warmup": 0.0}
    assert resolved["training"]["precision"] == "float32"
    assert resolved["optimizers"]["generator"]["beta_2"] == 0.999
    again = tmp_path / "again.yaml"
    again.write_text(recipe.to_yaml())
    assert zoo.load_recipe(again).resolved() == resolved


def test_overrides_set_values_of_every_type(tiny_recipe: Path) -> None:
    recipe = zoo.load_recipe(
        tiny_recipe,
        "training.epochs=7",
        "optimizers.generator.learning_rate=1e-3",
        "training.deterministic=true",
        "dataset.size=[16, 32]",
        "losses.reconstruction.0.weight=10",
        "inference.statistics=picture",
    )
    resolved = recipe.resolved()
    assert resolved["training"]["epochs"] == 7
    assert resolved["optimizers"]["generator"]["learning_rate"] == 1e-3
    assert resolved["training"]["deterministic"] is True
    assert resolved["dataset"]["size"] == [16, 32]
    assert resolved["losses"]["reconstruction"][0]["weight"] == 10.0
    assert resolved["inference"] == {"dropout": False, "statistics": "picture", "ema": 0.0}


def test_overrides_add_to_lists(tiny_recipe: Path) -> None:
    recipe = zoo.load_recipe(
        tiny_recipe,
        "evaluation.metrics+={name: ssim}",
        "evaluation.metrics.2.name=l1",
        "losses.penalties+={name: gradient_penalty, weight: 5}",
    )
    sections = recipe.sections
    assert [item.name for item in sections.evaluation.metrics] == ["l1", "psnr", "l1"]
    assert [item.name for item in sections.losses.penalties] == ["gradient_penalty"]
    words = ("training.epochs+=1", "evaluation.metrics+={name: sim}", "+=1", "dataset.path.x+=1")
    with pytest.raises(RecipeError) as told:
        zoo.load_recipe(tiny_recipe, *words)
    no_list, unknown, nothing, within = sorted(
        (str(problem) for problem in told.value.problems),
        key=lambda text: [text.startswith(f"command line: {word}") for word in words].index(True),
    )
    assert no_list == (
        "command line: training.epochs+=1: 'training.epochs' is no list, so that nothing can be added to it; "
        "set it with ="
    )
    assert unknown.startswith(
        "command line: evaluation.metrics+={name: sim}: evaluation.metrics.2.name: there is no metric 'sim'"
    )
    assert "is not an override; expected key.path=value" in nothing
    assert "'dataset.path' is a single value and has no 'x' in it" in within


def test_another_component_takes_none_of_the_old_ones_arguments(tiny_recipe: Path) -> None:
    recipe = zoo.load_recipe(
        tiny_recipe,
        "losses.reconstruction.0.name=huber",
        "losses.reconstruction.0.delta=0.5",
        "optimizers.discriminator.name=sgd",
        "optimizers.discriminator.learning_rate=0.1",
    )
    resolved = recipe.resolved()
    loss = resolved["losses"]["reconstruction"][0]
    assert (loss["name"], loss["delta"], loss["weight"]) == ("huber", 0.5, 100.0)
    assert resolved["optimizers"]["discriminator"]["learning_rate"] == 0.1
    assert "beta_1" not in resolved["optimizers"]["discriminator"]


def test_extends_lays_one_recipe_over_another(tiny_recipe: Path) -> None:
    top = tiny_recipe.with_name("top.yaml")
    top.write_text(
        "extends: ./tiny.yaml\ngenerator: {dropout: 0.0}\n"
        "optimizers:\n  generator: {name: sgd, learning_rate: 0.1}\ntraining:\n  epochs: 0\n"
    )
    with pytest.raises(RecipeError) as told:
        zoo.load_recipe(top)
    assert [str(problem) for problem in told.value.problems] == [
        f"{top}:6: training.epochs: expected a value of at least 1, got 0"
    ]
    resolved = zoo.load_recipe(top, "training.epochs=1").resolved()
    assert resolved["generator"]["dropout"] == 0.0
    assert resolved["generator"]["filters"] == 4
    assert resolved["optimizers"]["generator"]["learning_rate"] == 0.1
    assert "beta_1" not in resolved["optimizers"]["generator"]
    assert resolved["optimizers"]["discriminator"]["name"] == "adam"
    assert "extends" not in resolved


def test_yaml_is_1_2_so_numbers_and_words_are_what_they_look_like() -> None:
    data = parse_document("a: 2e-4\nb: no\nc: 1e3\nd: 010\ne: ~\n", "x").data
    assert data == {"a": 0.0002, "b": "no", "c": 1000.0, "d": 10, "e": None}
    assert parse_value("{name: l2, weight: 3}") == {"name": "l2", "weight": 3}
    assert type(parse_value("2.0e-4")) is float


def test_the_schema_refuses_what_the_loader_refuses(tiny_recipe: Path) -> None:
    schema = recipe_schema(zoo.load_host())
    jsonschema.Draft202012Validator.check_schema(schema)
    recipe = YAML(typ="safe").load(tiny_recipe)
    jsonschema.validate(recipe, schema)
    for section, key, value in [
        ("generator", "filtres", 3),
        ("generator", "filters", "many"),
        ("training", "epochs", 0),
        ("training", "precision", "float16"),
    ]:
        broken = json.loads(json.dumps(recipe))
        broken[section][key] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)
    jsonschema.validate({"extends": "earth"}, schema)
