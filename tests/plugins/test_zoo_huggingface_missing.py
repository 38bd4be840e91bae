"""The dataset `huggingface` where the library is not installed: described like any other, refused in one sentence."""

from __future__ import annotations

import importlib.util
import json

import pytest

from zoo.cli import main

pytestmark = pytest.mark.one_backend

INSTALL = "pip install 'pix2pix-zoo[huggingface]'"


@pytest.fixture(autouse=True)
def _without_the_library(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "datasets" else found(name, *rest),
    )


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(words)
    return ended.value.code


def test_it_is_described(capsys):
    assert run("show", "dataset", "huggingface", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["to_install"] == INSTALL
    assert {"path", "source", "target"} <= {argument["name"] for argument in shown["arguments"]}


def test_it_is_refused_in_one_sentence(tmp_path, capsys):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "dataset: {name: huggingface, path: someone/facades, source: label, target: photo}\n"
    )
    assert run("data", "preview", str(recipe)) == 2
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"  {recipe}:1: dataset: the dataset huggingface needs the library datasets, which is not installed; "
        f"install it with: {INSTALL}"
    ]
