"""The tracker `tensorboard`: its files read back by TensorBoard itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorboard")

import zoo


def quiet(line: str) -> None:
    del line


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"images": 0, "scalars": 0})
    events.Reload()
    return events


def callback(**arguments: Any) -> str:
    return f"callbacks+={json.dumps({'name': 'tensorboard', **arguments})}"


@pytest.fixture
def run(tiny_recipe: Path, tmp_path: Path) -> zoo.Run:
    words = callback(histograms=2)
    return zoo.train(tiny_recipe, words, "training.epochs=2", root=tmp_path / "runs", say=quiet)


def test_a_run_is_read_back(run: zoo.Run) -> None:
    events = read(run.path / "tensorboard")
    for name in run.history[0]:
        if name != "epoch":
            told = [(item.step, item.value) for item in events.Scalars(name)]
            kept = [(row["epoch"], pytest.approx(row[name], rel=1e-6)) for row in run.history]
            assert told == kept, name
    assert events.Scalars("held_out/psnr")[0].value == pytest.approx(run.metrics["psnr"], rel=1e-6)
    grids = {item.step: item.encoded_image_string for item in events.Images("samples")}
    assert grids == {
        epoch: (run.path / "samples" / f"epoch-{epoch:04d}.png").read_bytes() for epoch in range(3)
    }
    histograms = [
        tag for tag in events.Tags()["tensors"] if tag.endswith(("kernel", "bias", "gamma", "beta"))
    ]
    assert [item.step for item in events.Tensors(histograms[0])] == [2]
    weights = sum(
        len(player.weights)
        for player in zoo.assemble(str(run.path / "recipe.yaml")).model.players.values()
    )
    assert len(histograms) == weights
    (text,) = events.Tensors("recipe")
    assert (run.path / "recipe.yaml").read_text() in text.tensor_proto.string_val[0].decode()
    nodes = {node.name: node for node in events.Graph().node}
    generator = zoo.load_run(run.path).generator
    assert {name.partition("/")[0] for name in nodes} == {"generator", "discriminator"}
    assert (
        len([name for name in nodes if name.startswith("generator/")]) >= len(generator.layers) - 3
    )
    joins = [
        node for node in nodes.values() if node.op == "Concatenate" and "generator/" in node.name
    ]
    assert joins
    assert all(len(node.input) == 2 and set(node.input) <= set(nodes) for node in joins)


def test_a_resumed_run_has_no_step_twice(run: zoo.Run) -> None:
    zoo.resume(run.path, "training.epochs=3", say=quiet)
    events = read(run.path / "tensorboard")
    assert [item.step for item in events.Scalars("generator_l1")] == [1, 2, 3]
    assert [item.step for item in events.Images("samples")] == [0, 1, 2, 3]
    assert len(list((run.path / "tensorboard").iterdir())) == 2


@pytest.mark.one_backend
@pytest.mark.slow
def test_the_server_shows_a_run(run: zoo.Run) -> None:
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(run.path.parent)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr
        found = None
        while not found:
            line = process.stderr.readline()
            assert line, "TensorBoard ended without an address"
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)

        def ask(path: str, **query: str) -> Any:
            address = f"{found[0]}data/{path}?{urllib.parse.urlencode(query)}"
            with urllib.request.urlopen(address, timeout=60) as answer:
                return json.load(answer)

        name = f"{run.path.name}/tensorboard"
        assert name in ask("runs")
        points = ask("plugin/scalars/scalars", run=name, tag="val_psnr")
        assert [step for _, step, _ in points] == [1, 2]
        assert points[1][2] == pytest.approx(run.history[1]["val_psnr"], rel=1e-6)
        assert len(ask("plugin/images/images", run=name, tag="samples", sample="0")) == 3
    finally:
        process.terminate()
        process.communicate(timeout=60)
