"""Perceptual metrics from a recipe: in a training's log, in its evaluation, and in `zoo evaluate`."""

from __future__ import annotations

import json
import math
from importlib.util import find_spec

import pytest

if find_spec("torch_fidelity") is None:
    pytest.skip("needs the extra perceptual", allow_module_level=True)

COLOURS = "plain_features:mean_colours"
FEW = "over 2 pictures; of so few it comes out too high, and KID tells more"


def test_a_training_and_an_evaluation_have_them(zoo_command, tiny_recipe, tmp_path):
    metrics = f"[{{name: psnr}}, {{name: fid, features: '{COLOURS}'}}]"
    trained = zoo_command("train", tiny_recipe, f"evaluation.metrics={metrics}")
    assert trained.returncode == 0, trained.stderr
    (run,) = (tmp_path / "runs").iterdir()
    figures = json.loads((run / "evaluation" / "figures.json").read_text())["figures"]
    fid = figures["fid"]
    assert (fid["label"], fid["better"], fid["pictures"]) == ("FID", "lower", 2)
    assert fid["note"] == f"over 2 pictures, by the features of {COLOURS}; {FEW.partition('; ')[2]}"
    assert math.isfinite(fid["value"])
    history = (run / "history.csv").read_text().splitlines()
    last = dict(zip(history[0].split(","), history[-1].split(","), strict=True))
    assert float(last["val_fid"]) == pytest.approx(fid["value"], rel=1e-3)
    again = zoo_command("evaluate", run, "--metrics", "psnr,l1", "--out", tmp_path / "again")
    assert again.returncode == 0, again.stderr
