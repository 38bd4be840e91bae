"""Which recipe a run says that it came from."""

import json

import pytest

import zoo
from zoo.training.parent import parent_of


@pytest.fixture
def child(tiny_recipe):
    file = tiny_recipe.with_name("child.yaml")
    file.write_text("extends: tiny.yaml\ntraining: {epochs: 1}\n")
    return file


def test_a_recipe_came_from_the_one_that_it_extends(child):
    parent = parent_of(zoo.load_recipe(child, "training.batch_size=1"))
    assert parent is not None
    assert parent["name"] == "tiny.yaml"
    assert parent["recipe"]["training"]["epochs"] == 2
    assert parent["recipe"] == zoo.load_recipe(child.with_name("tiny.yaml")).resolved()


def test_an_installed_recipe_came_from_itself_as_it_is_installed():
    parent = parent_of(zoo.load_recipe("earth", "training.epochs=3"))
    assert parent is not None
    assert parent["name"] == "earth"
    assert parent["recipe"]["training"]["epochs"] == 19
    extended = parent_of(zoo.load_recipe("apple2orange"))
    assert extended is not None
    assert extended["name"] == "horse2zebra"


def test_a_recipe_that_stands_alone_came_from_none(tiny_recipe):
    assert parent_of(zoo.load_recipe(tiny_recipe)) is None


def test_a_part_of_a_recipe_is_no_parent(child):
    text = child.with_name("tiny.yaml").read_text()
    part = "\n".join(line for line in text.splitlines() if not line.startswith("dataset"))
    child.with_name("tiny.yaml").write_text(part)
    (dataset,) = (line for line in text.splitlines() if line.startswith("dataset"))
    child.write_text(f"extends: tiny.yaml\n{dataset}\n")
    assert parent_of(zoo.load_recipe(child)) is None


def test_a_run_keeps_it_and_its_report_says_what_differs(zoo_command, child, tmp_path):
    done = zoo_command("train", child, "training.batch_size=4")
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert json.loads((run / "parent.json").read_text())["name"] == "tiny.yaml"
    page = (run / "report.html").read_text()
    assert page.count('<span class="changed">') == 2
    assert '<code>training.batch_size</code></th><td>2</td><td class="strong">4</td>' in page
