"""Runs and exports of an earlier version open, go on, translate, export and serve as they did."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from interrupted import CLOCKS
from PIL import Image

import zoo
from zoo.training.train import resume

ARCHIVE = Path(__file__).parent / "earlier" / "runs_and_exports.zip"
MODELS = ("pix2pix", "cyclegan", "wgan_gp", "colorization")
NEEDED = {
    "keras": "keras",
    "onnx": "onnxruntime",
    "litert": "ai_edge_litert",
    "openvino": "openvino",
    "saved_model": "tensorflow_serving",
}


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The unpacked archive, as the present folder: its recipes name their pictures from there."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(run: Path) -> list[dict[str, float]]:
    with (run / "history.csv").open(newline="") as lines:
        return [
            {name: float(cell) for name, cell in row.items() if name not in CLOCKS}
            for row in csv.DictReader(lines)
        ]


@pytest.mark.parametrize(
    "model",
    [*MODELS[:2], *(pytest.param(model, marks=pytest.mark.slow) for model in MODELS[2:])],
)
def test_a_killed_run_goes_on_and_ends_like_a_whole_one(
    model: str, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, killed = earlier / "whole" / model, earlier / "killed" / model
    assert len(rows(killed)) == 1
    resume(killed)
    capsys.readouterr()
    # To the last bit on one machine; another adds up in another order.
    for one, other in zip(rows(killed), rows(whole), strict=True):
        assert one == pytest.approx(other, rel=1e-3, abs=1e-3)
    names = ["generator.keras", *(["inverse_generator.keras"] if model == "cyclegan" else [])]
    for name in names:
        made, expected = (keras.models.load_model(run / name).weights for run in (killed, whole))
        assert len(made) == len(expected)
        for ours, theirs in zip(made, expected, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=2e-3, err_msg=ours.path)


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_run_translates(model: str, earlier: Path) -> None:
    run = zoo.load_run(earlier / "whole" / model)
    with Image.open(run.examples()[0]) as picture:
        translated = run(picture)
    assert translated.size == (32, 32)
    assert np.asarray(translated).std() > 0
    if model == "cyclegan":
        assert run.translator(inverse=True)(picture).size == (32, 32)


@pytest.mark.parametrize("format", NEEDED)
def test_an_export_translates_as_its_run_does(format: str, earlier: Path) -> None:
    pytest.importorskip(NEEDED[format])
    run, export = (
        zoo.load_run(earlier / "whole" / "pix2pix"),
        zoo.load_export(earlier / "exports" / format),
    )
    assert export.formats == run.formats
    assert export.size == run.size == (32, 32)
    with Image.open(export.samples[0]) as picture:
        ours, theirs = (np.asarray(each(picture), np.int16) for each in (export, run))
    assert np.abs(ours - theirs).max() <= 1


def test_a_run_is_exported_and_served(earlier: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("httpx")
    from plugins.web.live import PNG, live
    from zoo_web.service.opening import open_served

    told: list[str] = []
    run = earlier / "whole" / "pix2pix"
    served = open_served(str(run), start=lambda backend: None, say=told.append)
    assert json.loads((run / "export" / "onnx" / "zoo.json").read_text())["format"] == "onnx"
    with live(served) as client:
        body = zoo.load_run(run).examples()[0].read_bytes()
        answer = client.post("/translate", content=body, headers=PNG)
        assert answer.status_code == 200, answer.text
