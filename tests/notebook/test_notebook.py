"""A notebook, really run: what is shown in it, where, and that nothing is red."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from tiny_files import write_pairs, write_recipe

NOTES = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"E0000 00:00:1700000000.000000    1 cuda_dnn.cc:8310] Unable to register cuDNN factory\n"
)
REAL = b"F0000 00:00:1700000000.000000    1 tensor.cc:1] this is no note\n"

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
        # What TensorFlow's libraries write at every start, and something that is no note.
        f"import os, time\nos.write(2, {NOTES + REAL!r})\ntime.sleep(2)",
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
    # As a user's kernel: under pytest ipykernel shows nothing of file descriptor 2, and the tests have their log level.
    others = ("PYTEST_CURRENT_TEST", "TF_CPP_MIN_LOG_LEVEL")
    client.execute(env={name: value for name, value in os.environ.items() if name not in others})
    return notebook.cells


def outputs(cell: dict[str, Any], kind: str) -> list[Any]:
    return [output["data"][kind] for output in cell["outputs"] if kind in output.get("data", {})]


def text(cell: dict[str, Any]) -> str:
    return "".join(output["text"] for output in cell["outputs"] if output.get("name") == "stdout")


def test_only_what_is_no_note_is_red(cells) -> None:
    red = [
        output["text"]
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stderr"
    ]
    assert red == [REAL.decode()]


def test_a_training_has_one_bar_and_the_latest_samples_alone(cells, folder: Path) -> None:
    training = cells[3]
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
    assert "Pix2Pix" in outputs(cells[2], "text/html")[0]
    (run,) = outputs(cells[4], "text/html")
    assert "completed" in run
    assert "data:image/jpeg;base64," in run
    (table,) = outputs(cells[5], "text/html")
    assert table.count("<tr>") == 4
    for cell in cells[6:]:
        assert len(outputs(cell, "image/png")) == 1
