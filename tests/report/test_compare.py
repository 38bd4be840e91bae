"""`zoo compare`: several runs on one page."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from html_page import Page
from PIL import Image
from run_on_disk import write_run

import zoo
from zoo.pictures import write_picture
from zoo.report.compare import write_comparison


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs with evaluations of the same pictures; the second is better by 0.5 dB."""
    folder = tmp_path_factory.mktemp("runs")
    write_run(folder / "first", seed=1)
    write_run(folder / "second", seed=1, epochs=5, rate=1e-4, gain=0.5)
    return folder


@pytest.fixture
def runs(written: Path, tmp_path: Path) -> list[zoo.Run]:
    folder = shutil.copytree(written, tmp_path / "runs")
    return [zoo.load_run(folder / name) for name in ("first", "second")]


def compare(runs: list[zoo.Run], tmp_path: Path, **options: int) -> Page:
    write_comparison(runs, tmp_path / "compare.html", **options)
    return Page((tmp_path / "compare.html").read_text(encoding="utf-8"))


def test_figures_are_compared_picture_by_picture(runs, tmp_path):
    text = compare(runs, tmp_path).text
    assert "figure run value difference from A PSNR ↑ higher is better A first 1" in text
    # Every picture is better by the same, so that nothing is uncertain.
    assert re.search(
        r"B second 1\d\.\d\d dB 1\d\.\d\d to 1\d\.\d\d \+0\.5000 dB 0\.5000 to 0\.5000, 28 pictures better L1 ↓",
        text,
    )
    assert re.search(
        r"B second \S+ 0\.2050 to 0\.2260 -0\.0\S+ -\S+ to -\S+, 28 pictures better FID", text
    )
    # Nothing is known of the FID's pictures.
    assert "FID ↓ lower is better A first 143 B second 143 –" in text


def test_curves_lie_over_each_other(runs, tmp_path):
    data = compare(runs, tmp_path).data
    assert data["epochs"] == [1, 2, 3, 4, 5]
    first, second = data["curves"][1]["series"]
    assert data["curves"][1]["title"] == "PSNR on held-out pictures (dB)"
    assert (first["label"], first["colour"]) == ("A first", 0)
    assert (second["label"], second["colour"]) == ("B second", 1)
    assert first["values"][3:] == [None, None]
    assert None not in second["values"]
    assert [chart["title"] for chart in data["curves"][2:5]] == [
        "Generator adversarial",
        "Generator l1",
        "Discriminator real",
    ]


def test_recipes_are_compared(runs, tmp_path):
    text = compare(runs, tmp_path).text
    assert "optimizers.generator.learning_rate 0.0002 0.0001" in text
    assert "training.epochs 3 5" in text
    assert (
        "Recipes where they differ They are the same."
        in compare([runs[0], _copy(runs[0])], tmp_path).text
    )


def _copy(run: zoo.Run) -> zoo.Run:
    return zoo.load_run(shutil.copytree(run.path, run.path.with_name("copy")))


def test_examples_of_the_same_names_stand_side_by_side(runs, tmp_path):
    page = compare(runs, tmp_path)
    pictures = [item for item in page.all("img") if item["alt"] in ("first", "second")]
    assert len(pictures) == 2 * 9
    assert "Examples of the evaluations the same picture in each tile-0000 & <b>" in page.text
    measured = json.loads((runs[1].path / "evaluation" / "figures.json").read_text())
    measured["examples"] = measured["examples"][:2]
    (runs[1].path / "evaluation" / "figures.json").write_text(json.dumps(measured))
    pictures = [item for item in compare(runs, tmp_path).all("img") if item["alt"] == "second"]
    assert len(pictures) == 2


def test_other_data_is_noted(runs, tmp_path, zoo_command):
    measured = json.loads((runs[1].path / "evaluation" / "figures.json").read_text())
    (runs[1].path / "evaluation" / "figures.json").write_text(
        json.dumps({**measured, "data": "other tiles"})
    )
    done = zoo_command("compare", *(run.path for run in runs), "--out", "page.html")
    assert (done.returncode, done.stdout) == (0, "wrote page.html\n")
    told = (
        "second was measured on other data than first: other tiles, and not 61 held-out tiles of <relief>; "
        "pictures are taken for the same if their names are"
    )
    assert done.stderr == f"zoo: warning: {told}\n"
    assert told in Page((tmp_path / "page.html").read_text()).text


def test_runs_of_the_same_name_are_told_apart(runs, tmp_path):
    twin = shutil.copytree(runs[0].path, tmp_path / "elsewhere" / "first")
    text = compare([runs[0], zoo.load_run(twin)], tmp_path).text
    assert "A runs/first completed, 3 epochs B elsewhere/first completed" in text


def test_runs_without_evaluations_are_compared_by_what_they_have(runs, tmp_path):
    for run in runs:
        shutil.rmtree(run.path / "evaluation")
    text = compare(runs, tmp_path).text
    assert "PSNR A first 18.73 dB B second 18.73 dB –" in text


def test_nothing_to_compare_is_told(runs, tmp_path, zoo_command):
    first, second = (run.path for run in runs)
    alone = "zoo: there is nothing to compare with: name two runs or more; 'zoo runs' lists them\n"
    for words in ((first,), (first, first)):
        done = zoo_command("compare", *words)
        assert (done.returncode, done.stderr) == (2, alone)
    for name in ("history.csv", "metrics.json"):
        (second / name).unlink()
    shutil.rmtree(second / "evaluation")
    done = zoo_command("compare", first, second)
    assert (done.returncode, done.stderr) == (
        2,
        "zoo: first and second have nothing in common: no figure, no curve and no picture that two of them translate\n",
    )
    assert not (tmp_path / "compare.html").exists()
    done = zoo_command("compare", first, tmp_path / "nothing")
    assert done.returncode == 2
    assert done.stderr.startswith(f"zoo: the run {tmp_path / 'nothing'} does not exist; ")
    (tmp_path / "file").write_text("")
    done = zoo_command("compare", first, _copy(runs[0]).path, "--out", "file/page.html")
    assert (done.returncode, done.stderr) == (2, "zoo: cannot write file/page.html: File exists\n")


def painter(run: zoo.Run, factor: float) -> zoo.Run:
    """Give a run a network that multiplies pictures by a factor, and a held-out pair."""
    picture = keras.Input((16, 16, 3))
    network = keras.Model(picture, keras.layers.Rescaling(factor)(picture))
    network.save(run.path / "generator.keras")
    for side, level in (("source", 200), ("target", 50)):
        grey = np.full((16, 16, 3), level, np.uint8)
        write_picture(run.path / "examples" / "held_out" / f"{side}-0001.png", grey)
    return zoo.load_run(run.path)


def levels(page: Page) -> list[tuple[str | None, float]]:
    """What the pictures on a page show, with the mean of their values."""
    found = []
    for item in page.all("img"):
        content = base64.b64decode((item["src"] or "").partition(",")[2])
        with Image.open(io.BytesIO(content)) as picture:
            found.append((item["alt"], float(np.asarray(picture).mean())))
    return found


def test_each_run_translates_the_pictures_of_the_first(runs, tmp_path):
    for run in runs:
        shutil.rmtree(run.path / "evaluation")
    runs = [painter(run, factor) for run, factor in zip(runs, (-1, 0), strict=True)]
    page = compare(runs, tmp_path)
    assert (
        "Pictures that first keeps held out from it, translated by each run just now picture 1"
        in page.text
    )
    assert levels(page) == [
        ("source", 200),
        ("first", pytest.approx(55, abs=1)),
        ("second", pytest.approx(128, abs=1)),
        ("target", 50),
    ]
    # A network that is broken leaves the others to be compared.
    (runs[1].path / "generator.keras").write_bytes(b"nothing")
    page = compare([zoo.load_run(run.path) for run in runs], tmp_path)
    assert f"second translates nothing here: {runs[1].path}" in page.text
    assert [name for name, _ in levels(page)] == ["source", "first", "target"]


def test_sources_of_another_kind_are_not_translated(runs, tmp_path):
    runs = [painter(run, -1) for run in runs]
    deep = zoo.Formats(zoo.PictureFormat(dtype="uint16", high=(65535.0,)))
    (runs[1].path / "pictures.json").write_text(json.dumps(deep.as_json()))
    page = compare([zoo.load_run(run.path) for run in runs], tmp_path)
    told = "second translates nothing here: its sources are of another kind than those of first"
    assert told in page.text


def test_networks_of_another_size_are_noted(runs, tmp_path):
    runs = [painter(run, -1) for run in runs]
    picture = keras.Input((32, 32, 3))
    network = keras.Model(picture, keras.layers.Rescaling(-1)(picture))
    network.save(runs[1].path / "generator.keras")
    page = compare([zoo.load_run(run.path) for run in runs], tmp_path)
    told = (
        "second was trained on pictures of 32 x 32 pixels and sees those of first at their own size"
    )
    assert told in page.text
    assert levels(page)[-2] == ("second", pytest.approx(55, abs=1))
