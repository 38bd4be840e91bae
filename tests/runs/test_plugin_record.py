"""The plugins of a run: recorded, asked for, and never run because a directory names them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import pytest

import zoo
from zoo.errors import ZooError
from zoo.plugins import load_host
from zoo.runs.plugin_record import RECORD, check_plugins

Zoo = Callable[..., "subprocess.CompletedProcess[str]"]

PLUGIN = '''
import keras
from zoo import hookimpl


@keras.saving.register_keras_serializable("recorded")
class Halve(keras.layers.Layer):
    def call(self, pictures):
        return pictures / 2


def halving(*, input_shape, output_channels):
    """Halves."""
    source = keras.Input(input_shape)
    painted = keras.layers.Conv2D(output_channels, 1)(source)
    return keras.Model(source, Halve()(painted))


@hookimpl
def register_generators(register):
    register("halving", halving)
'''


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Keep Keras's and Python's lists of what is loaded as they were."""
    yield
    forget_plugin()


def forget_plugin() -> None:
    sys.modules.pop("zoo_plugin_halving", None)
    keras.saving.get_custom_objects().pop("recorded>Halve", None)
    load_host.cache_clear()


def test_a_run_asks_for_the_file_of_its_plugin(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "halving.py"
    plugin.write_text(PLUGIN)
    tiny_recipe.write_text(
        tiny_recipe.read_text().replace(
            "generator: {name: unet, filters: 4, depth: 3, dropout: 0.5}",
            "generator: {name: halving}",
        )
    )
    given = ["--plugin", "halving.py"]
    done = zoo_command("train", tiny_recipe, "training.epochs=1", *given)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert json.loads((run / RECORD).read_text()) == {
        "plugins": [
            {
                "name": "halving",
                "distribution": "",
                "version": "",
                "given": "halving.py",
                "sha256": hashlib.sha256(plugin.read_bytes()).hexdigest(),
            }
        ]
    }
    name = run.relative_to(tmp_path)
    asked = f"zoo: {name} was made with the plugin file halving.py: give it with --plugin FILE\n"
    picture = next((tmp_path / "pairs").iterdir())
    translate = ["translate", name, picture, "--out", "out"]
    for command in (["resume", name], translate, ["export", name, "--format", "keras"]):
        forget_plugin()
        refused = zoo_command(*command)
        assert (refused.returncode, refused.stderr) == (2, asked)
    forget_plugin()
    with pytest.raises(ZooError, match=r"give it with --plugin FILE$"):
        _ = zoo.load_run(run).generator
    plugin.write_text(PLUGIN + "\n# changed\n")
    noted = zoo_command(*translate, *given)
    assert noted.returncode == 0, noted.stderr
    assert (
        f"zoo: note: the plugin file halving.py is not the one that {name} was made with\n"
        in noted.stderr
    )


def test_an_export_and_the_service_ask_for_it_too(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    pytest.importorskip("uvicorn")
    (tmp_path / "halving.py").write_text(PLUGIN)
    given = ["--plugin", "halving.py"]
    text = tiny_recipe.read_text()
    tiny_recipe.write_text(text.replace("generator: {name: unet,", "generator: {name: halving} #"))
    done = zoo_command("train", tiny_recipe, "training.epochs=1", *given)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    name = run.relative_to(tmp_path)
    done = zoo_command("export", name, "--format", "keras", *given)
    assert done.returncode == 0, done.stderr
    export = name / "export" / "keras"
    picture = next((tmp_path / "pairs").iterdir())
    for command, folder in (
        (["serve", name], name),
        (["serve", export], export),
        (["translate", export, picture, "--out", "out"], export),
    ):
        forget_plugin()
        refused = zoo_command(*command)
        asked = (
            f"zoo: {folder} was made with the plugin file halving.py: give it with --plugin FILE\n"
        )
        assert (refused.returncode, refused.stderr) == (2, asked)


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    entry = {"name": "absent", "distribution": "zoo-absent", "version": "1.2"}
    (tmp_path / RECORD).write_text(json.dumps({"plugins": [entry]}))
    with pytest.raises(ZooError) as told:
        check_plugins(tmp_path)
    assert str(told.value) == (
        f"{tmp_path} was made with the plugin 'absent' of zoo-absent 1.2: pip install zoo-absent"
    )


def test_an_unloadable_file_is_told_shortly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recipe.yaml").write_text("")
    (tmp_path / "generator.keras").write_bytes(b"none")

    def fail(*_: object, **__: object) -> None:
        raise TypeError("Could not locate class 'Halve'. " + "config " * 300 + "\nmore")

    monkeypatch.setattr(keras.models, "load_model", fail)
    with pytest.raises(ZooError) as told:
        _ = zoo.load_run(tmp_path).generator
    assert "Could not locate class 'Halve'." in str(told.value)
    assert "more" not in str(told.value)
    assert len(str(told.value)) < 400 + len(str(tmp_path))


@pytest.mark.parametrize("text", ["{", "[]", '{"plugins": [1]}', '{"plugins": [{"other": 1}]}'])
def test_a_broken_record_is_a_clear_error(text: str, tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(ZooError) as told:
        check_plugins(tmp_path)
    assert str(told.value) == (
        f"{tmp_path / RECORD} is not a record of plugins; expected what 'zoo train' wrote"
    )
