"""The tracker `mlflow`: a store on this machine, read back by MLflow's own client."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("mlflow")

import zoo
from zoo.recipe.problems import RecipeError

# MLflow 3.17 asks SQLAlchemy 2.1 for what that is going to leave out.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning")

TRACK = "callbacks+={name: mlflow, log_model: true}"


def quiet(line: str) -> None:
    del line


def client_of(uri: str) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(uri)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder of its own, so that what is left in it shows, and no settings of whoever tests."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)


@pytest.mark.usefixtures("elsewhere")
def test_a_run_is_read_back_and_goes_on(tiny_recipe: Path, tmp_path: Path) -> None:
    run = zoo.train(tiny_recipe, TRACK, "training.epochs=1", root=tmp_path / "runs", say=quiet)
    run = zoo.resume(run.path, "training.epochs=2", say=quiet)
    client = client_of(f"sqlite:///{run.path}/mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("tiny")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.run_name == run.path.name
    assert found.info.status == "FINISHED"
    assert found.data.tags["run_directory"] == str(run.path)
    parameters = found.data.params
    assert parameters["generator.filters"] == "4"
    assert parameters["losses.reconstruction.0.weight"] == "100.0"
    for name in run.history[0]:
        if name != "epoch":
            told = client.get_metric_history(found.info.run_id, name)
            assert [(item.step, item.value) for item in told] == [
                (row["epoch"], row[name]) for row in run.history
            ], name
    assert found.data.metrics["held_out/psnr"] == run.metrics["psnr"]
    id = found.info.run_id
    names = {item.path for item in client.list_artifacts(id)}
    assert names >= {"recipe.yaml", "environment.json", "report.html", "images", "model"}
    copied = Path(client.download_artifacts(id, "model/generator.keras", str(tmp_path)))
    assert copied.read_bytes() == (run.path / "generator.keras").read_bytes()
    images = [
        item.path for item in client.list_artifacts(id, "images") if item.path.endswith("png")
    ]
    assert len(images) == 3
    grid = Path(client.download_artifacts(id, sorted(images)[0], str(tmp_path)))
    kept = Image.open(run.path / "samples" / "epoch-0000.png").convert("RGB")
    np.testing.assert_array_equal(np.asarray(Image.open(grid)), np.asarray(kept))
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.one_backend
@pytest.mark.usefixtures("elsewhere")
def test_the_librarys_own_settings_are_heeded(
    tiny_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/common.db")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "paintings")
    words = ("callbacks=[{name: mlflow}]", "training.epochs=1", "evaluation.samples=0")
    run = zoo.train(tiny_recipe, *words, root=tmp_path / "runs", say=quiet)
    assert not (run.path / "mlflow").exists()
    client = client_of(f"sqlite:///{tmp_path}/common.db")
    experiment = client.get_experiment_by_name("paintings")
    (found,) = client.search_runs([experiment.experiment_id])
    state = json.loads((run.path / "tracking.json").read_text())
    assert state[f"mlflow sqlite:///{tmp_path}/common.db"]["id"] == found.info.run_id
    # A run that is gone there is told before training goes on.
    client.delete_run(found.info.run_id)
    (tmp_path / "common.db").unlink()
    with pytest.raises(zoo.ZooError, match=r"the tracker mlflow at sqlite:///.* cannot begin: "):
        zoo.resume(run.path, "training.epochs=2", say=quiet)


@pytest.mark.one_backend
@pytest.mark.usefixtures("elsewhere")
def test_a_server_that_is_away_is_told_before_anything_is_made(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        words = f"callbacks=[{{name: mlflow, uri: 'http://me:secret@127.0.0.1:{port}'}}]"
        with pytest.raises(RecipeError) as told:
            zoo.train(tiny_recipe, words, root=tmp_path / "runs", say=quiet)
    (problem,) = told.value.problems
    assert problem.key == "callbacks.0"
    assert problem.message.startswith(
        f"the MLflow server at http://127.0.0.1:{port} does not answer: "
    )
    assert problem.message.endswith(
        "; start it, or unset MLFLOW_TRACKING_URI and uri to log into the run directory"
    )
    assert not (tmp_path / "runs").exists()
