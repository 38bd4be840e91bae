"""The tracker `wandb`, offline: its files read back by the library's own reader."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("wandb")

import zoo
from zoo.recipe.problems import RecipeError

pytestmark = pytest.mark.one_backend

BLOCK = 32768
WHOLE, LAST = 1, 4


def quiet(line: str) -> None:
    del line


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder without a key, and a working folder where what is left shows."""
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "home")


def records(file: Path) -> Iterator[Any]:
    """Yield what an offline run's file holds; it is a log of LevelDB behind seven bytes of its own."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, place, parts = file.read_bytes(), 7, []
    while place + 7 <= len(data):
        left = BLOCK - place % BLOCK
        if left < 7:  # what is too short for a header is filled up
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        parts.append(data[place + 7 : place + 7 + length])
        place += 7 + length
        if kind in (WHOLE, LAST):
            yield Record.FromString(b"".join(parts))
            parts = []


def logged(file: Path) -> list[dict[str, Any]]:
    return [
        {".".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        for record in records(file)
        if record.WhichOneof("record_type") == "history"
    ]


def test_a_run_without_a_key_is_written_offline_and_goes_on(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    words = ("callbacks=[{name: wandb, log_model: true}]", "training.epochs=2")
    run = zoo.train(tiny_recipe, *words, root=tmp_path / "runs", say=quiet)
    run = zoo.resume(run.path, "training.epochs=3", say=quiet)
    first, second = sorted((run.path / "wandb").glob("offline-run-*/run-*.wandb"))
    id = json.loads((run.path / "tracking.json").read_text())["wandb"]["id"]
    assert first.name == second.name == f"run-{id}.wandb"
    untrained, *rows = [*logged(first), *logged(second)]
    assert untrained["epoch"] == 0
    assert untrained["samples._type"] == "image-file"
    assert len(rows) == 3
    for row, kept in zip(rows, run.history, strict=True):
        assert row["_step"] == row["epoch"]
        assert {name: row[name] for name in kept} == kept
        picture = next((run.path / "wandb").glob(f"*/files/{row['samples.path']}"))
        grid = run.path / "samples" / f"epoch-{row['epoch']:04d}.png"
        assert picture.read_bytes() == grid.read_bytes()
    begun = next(item.run for item in records(first) if item.WhichOneof("record_type") == "run")
    assert (begun.project, begun.display_name) == ("tiny", run.path.name)
    config = {item.key: json.loads(item.value_json) for item in begun.config.update}
    assert config["generator"]["filters"] == 4
    assert config["run_directory"] == str(run.path)
    assert list((tmp_path / "home").rglob("*wandb*")) == []
    assert "WANDB_DATA_DIR" not in os.environ


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_online_without_a_key_is_refused_before_training(
    way: str, tiny_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "{name: wandb, mode: online}" if way == "argument" else "{name: wandb}"
    if way == "environment":
        monkeypatch.setenv("WANDB_MODE", "online")
    with pytest.raises(RecipeError) as told:
        zoo.train(tiny_recipe, f"callbacks=[{words}]", root=tmp_path / "runs", say=quiet)
    (problem,) = told.value.problems
    assert problem.message == (
        "Weights & Biases has no key for this machine; run 'wandb login', set WANDB_API_KEY, or choose the mode "
        "offline, by the argument mode or WANDB_MODE"
    )
    assert not (tmp_path / "runs").exists()
