"""Perceptual metrics where their libraries are not installed: described like any other, refused in one sentence."""

from __future__ import annotations

import importlib.util
import json
import re

import numpy as np
import pytest
from zoo_perceptual.fid import FID
from zoo_perceptual.lpips import LPIPS

from zoo import ZooError
from zoo.cli import main

pytestmark = pytest.mark.one_backend

INSTALL = "pip install 'pix2pix-zoo[perceptual]'"
NEEDS = {
    "fid": "torch_fidelity",
    "kid": "torch_fidelity",
    "precision": "torch_fidelity",
    "recall": "torch_fidelity",
    "lpips": "torchmetrics",
    "dists": "torchmetrics",
}


@pytest.fixture(autouse=True)
def _without_the_libraries(monkeypatch):
    found = importlib.util.find_spec
    hidden = {"torch", "torchvision", *NEEDS.values()}
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name in hidden else found(name, *rest),
    )


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(words)
    return ended.value.code


def test_they_are_listed_with_what_to_install(capsys):
    assert run("list", "metrics", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {rows[name]["to_install"] for name in NEEDS} == {INSTALL}


@pytest.mark.parametrize("name", NEEDS)
def test_they_are_described(name, capsys):
    assert run("show", "metric", name, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["to_install"] == INSTALL
    assert {"weights", "device"} <= {argument["name"] for argument in shown["arguments"]}


@pytest.mark.parametrize("name", NEEDS)
def test_a_recipe_with_them_is_refused_in_one_sentence(name, tiny_recipe, capsys):
    tiny_recipe.write_text(tiny_recipe.read_text().replace("{name: psnr}", f"{{name: {name}}}"))
    assert run("validate", str(tiny_recipe)) == 2
    told = capsys.readouterr().err
    assert (
        f"the metric {name} needs the library {NEEDS[name]}, which is not installed; install it with: {INSTALL}"
        in told
    )


@pytest.mark.parametrize("metric", [FID(), LPIPS()], ids=["fid", "lpips"])
def test_in_python_too(metric):
    pictures = np.zeros((2, 8, 8, 3), "float32")
    message = f"perceptual metrics need the library torch, which is not installed; install it with: {INSTALL}"
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        metric.update_state(pictures, pictures)
