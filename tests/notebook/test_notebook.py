"""A notebook, really run: what is shown in it, where, and that nothing is red."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from tiny_files import write_pairs, write_recipe

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def cells(folder: Path) -> list[dict[str, Any]]:
    """The cells of a notebook that was run, with their outputs."""
    import nbformat

    write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))
    sources = [
        "import zoo",
        "experiment = zoo.assemble('tiny.yaml')\nexperiment",
        "run = zoo.train('tiny.yaml', 'training.epochs=3')",
        "run",
        "run.history",
        "run.show(n=2)",
        "batch = experiment.test_data[0]\nzoo.show(source=batch['source'], target=batch['target'])",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook.cells


def outputs(cell: dict[str, Any], kind: str) -> list[Any]:
    return [output["data"][kind] for output in cell["outputs"] if kind in output.get("data", {})]


def text(cell: dict[str, Any]) -> str:
    return "".join(output["text"] for output in cell["outputs"] if output["name"] == "stdout")


def test_nothing_is_red(cells) -> None:
    red = [
        output["text"]
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stderr"
    ]
    assert red == []


def test_a_training_has_one_bar_and_the_latest_samples_alone(cells, folder: Path) -> None:
    training = cells[2]
    (bar,) = outputs(training, "text/html")
    assert '<progress max="6" value="6"' in bar
    assert "epoch 3/3" in bar
    (grid,) = outputs(training, "image/png")
    samples = sorted(folder.glob("runs/*/samples/*.png"))
    assert len(samples) == 4
    assert base64.b64decode(grid) == samples[-1].read_bytes()
    # The lines that stay; those of the epochs are in the bar's place.
    said = text(training)
    assert "finished epoch 3 of 3: 6 steps in" in said
    assert "epoch 1/3" not in said


def test_runs_tables_and_pictures_show_themselves(cells) -> None:
    assert "Pix2Pix" in outputs(cells[1], "text/html")[0]
    (run,) = outputs(cells[3], "text/html")
    assert "completed" in run
    assert "data:image/jpeg;base64," in run
    (table,) = outputs(cells[4], "text/html")
    assert table.count("<tr>") == 4
    for cell in cells[5:]:
        assert len(outputs(cell, "image/png")) == 1
