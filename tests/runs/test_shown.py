"""What Python and notebooks show of recipes, experiments, data and runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_files import write_pairs, write_recipe

import zoo
from zoo.pictures import read_picture
from zoo.runs.run import create_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shown")


@pytest.fixture(scope="module")
def recipe(folder: Path) -> Path:
    return write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))


@pytest.fixture(scope="module")
def run(folder: Path, recipe: Path) -> zoo.Run:
    return zoo.train(recipe, "training.epochs=1", root=folder / "runs", say=lambda line: None)


def test_texts_are_short(recipe: Path, folder: Path) -> None:
    experiment = zoo.assemble(zoo.load_recipe(recipe))
    assert repr(experiment.recipe) == "<Recipe tiny: pix2pix, unet, folder>"
    assert repr(experiment) == "<Experiment tiny: Pix2Pix, 2 epochs of 2 steps>"
    assert repr(experiment.dataset) == (
        f"<Dataset {folder}/pairs, A to B, 16 x 16 px: 4 pairs to train, 2 held out>"
    )
    assert repr(experiment.train_data) == (
        "<Loader of 2 batches of 2 of 4 examples, shuffled and augmented>"
    )
    assert repr(experiment.test_data) == "<Loader of 1 batches of 2 of 2 examples>"
    wrong = zoo.load_recipe(recipe, "training.epochs=0", strict=False)
    assert repr(wrong) == "<Recipe tiny: 1 problem>"
    page = experiment._repr_html_()
    count = experiment.model.generator.count_params()
    for told in ("tiny", "Pix2Pix", f"{count:,} weights", "2 epochs of 2 steps, 2 examples each"):
        assert told in page


def test_a_run_shows_status_figures_and_samples(run: zoo.Run) -> None:
    page = run._repr_html_()
    for told in (
        run.path.name,
        "completed",
        "pix2pix, unet, folder",
        f"{run.metrics['psnr']:.2f}",
    ):
        assert told in page
    assert (
        len(re.findall(r'<img alt="samples, epoch-0001"[^>]* src="data:image/jpeg;base64,', page))
        == 1
    )
    assert len(page) < 100_000
    assert [row["epoch"] for row in run.history] == [1]
    assert run.history["val_psnr"][-1] == pytest.approx(run.metrics["psnr"], abs=1e-4)


def test_a_run_of_a_stranger_is_escaped(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    run = create_run(tmp_path, "strange", f"model: {{name: '{evil}'}}\ndataset: {{}}\n")
    (run.path / "metrics.json").write_text(
        f'{{"status": "{evil}", "dataset": "{evil}", "{evil}": 1}}'
    )
    (run.path / "warnings.jsonl").write_text(f'{{"epoch": 1, "message": "{evil}"}}\n')
    page = run._repr_html_()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 5


def test_a_run_that_has_not_begun_is_shown(tmp_path: Path) -> None:
    run = create_run(tmp_path, "begun", "model: {name: pix2pix}\n")
    assert "unfinished" in run._repr_html_()
    assert len(run.history) == 0
    with pytest.raises(zoo.ZooError, match="keeps no pictures of the part 'held_out'; expected"):
        run.show()


def test_pairs_are_shown_with_what_they_are_translated_to(run: zoo.Run) -> None:
    shown = run.show(n=2)
    sources, targets = (
        [read_picture(path) for path in run.examples("held_out", side)]
        for side in ("source", "target")
    )
    translated = [np.asarray(run(Image.fromarray(source))) for source in sources]
    expected = zoo.show(source=sources, translated=translated, target=targets)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(expected)).max() <= 1
    assert run.show(n=1, part="training").height < shown.height
    with pytest.raises(zoo.ZooError, match=r"^n is 0; expected 1 or more pictures$"):
        run.show(n=0)
