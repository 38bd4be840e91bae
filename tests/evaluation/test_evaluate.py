"""`zoo.evaluate` and `zoo evaluate`: what they measure, write and print, on which pictures, and what they refuse."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_files import write_pairs, write_recipe

import zoo
from zoo.errors import ZooError


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> zoo.Run:
    """A run of six pairs, two of them held out, which measures SSIM as well."""
    folder = tmp_path_factory.mktemp("trained")
    recipe = write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))
    metrics = "evaluation.metrics=[{name: l1}, {name: psnr}, {name: ssim}]"
    run = zoo.train(str(recipe), metrics, root=folder / "runs", say=lambda line: None)
    return zoo.load_run(run.path)


@pytest.fixture
def run(trained: zoo.Run, tmp_path: Path) -> zoo.Run:
    """A copy of it."""
    return zoo.load_run(shutil.copytree(trained.path, tmp_path / trained.path.name))


def written(folder: Path) -> dict:
    return json.loads((folder / "figures.json").read_text())


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "pictures.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def held_out(run: zoo.Run) -> list[dict[str, np.ndarray]]:
    test = zoo.assemble(str(run.path / "recipe.yaml")).dataset.test
    return [test.example(index, None) for index in range(len(test))]


def test_training_ends_with_an_evaluation(trained: zoo.Run) -> None:
    folder = trained.path / "evaluation"
    found = written(folder)
    assert set(found) == {
        *("format", "model", "data", "pictures", "primary", "seconds", "created", "checkpoint"),
        *("figures", "examples", "error_by_position", "error_by_brightness"),
    }
    assert (found["format"], found["pictures"], found["primary"]) == (1, 2, "psnr")
    assert (found["model"], found["checkpoint"]) == (trained.path.name, "generator.keras")
    assert found["data"] == f"held-out pictures of {trained.metrics['dataset']}"
    assert list(found["figures"]) == ["l1", "psnr", "ssim"]
    for name, figure in found["figures"].items():
        assert figure["value"] == trained.metrics[name]
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert (figure["confidence"], figure["pictures"], figure["note"]) == (0.95, 2, None)
        assert set(figure["baselines"]) == {"mean_colour", "source"}
    psnr = found["figures"]["psnr"]
    assert (psnr["label"], psnr["unit"], psnr["better"]) == ("PSNR", "dB", "higher")
    assert found["figures"]["l1"]["better"] == "lower"
    # The values of single pictures are there in full.
    each = rows(folder)
    assert list(each[0]) == ["name", "l1", "psnr", "ssim"]
    assert np.mean([float(row["psnr"]) for row in each]) == psnr["value"]
    assert {row["name"] for row in each} <= {str(number) for number in range(6)}
    assert [entry["rank"] for entry in found["examples"]] == ["best", "worst"]
    best, worst = found["examples"]
    assert best["figures"]["psnr"] == max(float(row["psnr"]) for row in each)
    assert best["name"] != worst["name"]
    for side in ("source", "target", "translated", "difference"):
        with Image.open(folder / best[side]) as picture:
            assert (picture.mode, picture.size) == ("RGB", (16, 16))


def test_figures_and_baselines_are_those_of_the_pictures(trained: zoo.Run) -> None:
    found = written(trained.path / "evaluation")
    examples = held_out(trained)
    translated = [np.asarray(trained(example["source"])) for example in examples]
    train = zoo.assemble(str(trained.path / "recipe.yaml")).dataset.train
    colour = np.mean(
        [train.example(index, None)["target"].mean(axis=(0, 1)) for index in range(4)], axis=0
    )

    def l1(pictures) -> float:
        pairs = zip(pictures, examples, strict=True)
        return float(np.mean([np.abs(one - other["target"]).mean() for one, other in pairs]))

    figure = found["figures"]["l1"]
    assert figure["value"] == pytest.approx(l1(translated), abs=1e-5)
    assert figure["baselines"]["mean_colour"] == pytest.approx(l1([colour] * 2), abs=1e-6)
    assert figure["baselines"]["source"] == pytest.approx(
        l1([example["source"] for example in examples]), abs=1e-6
    )
    # Sixteen cells of a row are its pixels here.
    apart = np.mean(
        [
            np.abs(one - other["target"]).mean(axis=-1)
            for one, other in zip(translated, examples, strict=True)
        ],
        axis=0,
    )
    by_position = found["error_by_position"]
    assert (by_position["rows"], by_position["columns"]) == (16, 16)
    np.testing.assert_allclose(by_position["values"], apart, atol=1e-5)
    by_brightness = found["error_by_brightness"]
    assert len(by_brightness["edges"]) == len(by_brightness["values"]) + 1
    assert max(by_brightness["pictures"]) == 2


def test_evaluating_again_gives_the_same(run: zoo.Run) -> None:
    before = written(run.path / "evaluation")
    found = zoo.evaluate(run)
    assert found.path == run.path / "evaluation"
    assert found.figures_file.is_file()
    assert found.pictures_file.is_file()
    for name, figure in found.figures.items():
        assert figure.value == pytest.approx(before["figures"][name]["value"], rel=1e-6)
        assert figure.low == pytest.approx(before["figures"][name]["low"], rel=1e-6)
    assert found.pictures["name"] == [row["name"] for row in rows(found.path)]
    assert written(found.path) == json.loads(json.dumps(found.as_json()))


def test_the_command_prints_a_table_and_writes(zoo_command, run: zoo.Run) -> None:
    done = zoo_command("evaluate", run.path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert (
        lines[0]
        == f"{run.path.name}, generator.keras, on 2 pictures: {written(run.path / 'evaluation')['data']}"
    )
    assert lines[1].split("  ")[0] == "figure"
    for word in ("95 % interval", "mean colour", "source unchanged"):
        assert word in lines[1]
    assert f"{run.metrics['psnr']:.4g}" in lines[3]
    assert "dB" in lines[3]
    assert lines[-1] == f"wrote {run.path / 'evaluation'}"
    done = zoo_command(
        *("evaluate", run.path, "--metrics", "psnr,l1", "--limit", "1", "--json", "--out", "other")
    )
    told = json.loads(done.stdout)
    assert list(told["figures"]) == ["psnr", "l1"]
    assert told["pictures"] == 1
    assert told["figures"]["psnr"]["low"] is None
    assert told["data"].endswith("; 1 of 2, spread evenly")


def test_metrics_may_have_arguments(zoo_command, run: zoo.Run) -> None:
    done = zoo_command("evaluate", run.path, "--metrics", "{name: psnr, peak: 3}")
    assert done.returncode == 2
    assert done.stderr.startswith("zoo: the metric psnr: peak: ")
    done = zoo_command("evaluate", run.path, "--metrics", "psnrr")
    assert done.returncode == 2
    assert "Did you mean 'psnr'?" in done.stderr


def test_a_run_whose_dataset_is_gone_has_what_it_kept(trained: zoo.Run, run: zoo.Run) -> None:
    recipe = run.path / "recipe.yaml"
    pairs = run.recipe["dataset"]["path"]
    recipe.write_text(recipe.read_text().replace(pairs, "gone"))
    found = zoo.evaluate(zoo.load_run(run.path))
    assert found.data == (
        "the 2 held-out pictures that the run keeps, because its dataset cannot be opened: the picture folder gone "
        "does not exist"
    )
    before = written(trained.path / "evaluation")
    # They were rounded to 8 bits when they were kept, as they were in their files here.
    for name, figure in found.figures.items():
        assert figure.value == pytest.approx(before["figures"][name]["value"], abs=1e-5)
        assert figure.baselines == pytest.approx(before["figures"][name]["baselines"], abs=1e-5)
    shutil.rmtree(run.path / "examples")
    with pytest.raises(
        ZooError, match=r"and the run keeps no held-out pictures; name others with --data$"
    ):
        zoo.evaluate(zoo.load_run(run.path))


def test_other_pictures(run: zoo.Run, tmp_path: Path, trained: zoo.Run) -> None:
    pairs = Path(run.recipe["dataset"]["path"])
    # A folder of pairs, all of them.
    found = zoo.evaluate(run, pairs, ["l1"])
    assert (found.count, found.data) == (6, f"6 pairs in {pairs}")
    assert found.path == run.path / "evaluation-pairs"
    assert list(found.pictures["name"]) == [str(number) for number in range(6)]
    # Two folders in a part test.
    new = tmp_path / "new"
    for number in range(2):
        with Image.open(pairs / f"{number}.png") as picture:
            for side, left in (("A", 0), ("B", 16)):
                file = new / "test" / side / f"{number}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                picture.crop((left, 0, left + 16, 16)).save(file)
    halves = zoo.evaluate(run, new, ["l1"])
    assert halves.count == 2
    assert halves.pictures["l1"] == pytest.approx(found.pictures["l1"][:2], abs=1e-6)
    # A list.
    listed = tmp_path / "list.csv"
    listed.write_text("source,target\nnew/test/A/1.png,new/test/B/1.png\n")
    one = zoo.evaluate(run, listed, ["l1"])
    assert one.figures["l1"].value == pytest.approx(found.pictures["l1"][1], abs=1e-6)
    # The dataset of a recipe.
    recipe = write_recipe(tmp_path / "again.yaml", pairs)
    again = zoo.evaluate(run, recipe, ["l1"])
    assert again.path.name == "evaluation-again"
    assert again.figures["l1"].value == pytest.approx(trained.metrics["l1"], abs=1e-6)


def test_pictures_that_do_not_fit_are_refused(run: zoo.Run, tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "large.yaml", Path(run.recipe["dataset"]["path"]))
    recipe.write_text(recipe.read_text().replace("size: 16", "size: 32"))
    with pytest.raises(
        ZooError,
        match=r"are 32 x 32 x 3 \(height x width x channels\), but the model was trained on 16 x 16 x 3; give a",
    ):
        zoo.evaluate(run, recipe)
    broken = tmp_path / "broken"
    broken.mkdir()
    Image.new("RGB", (33, 16)).save(broken / "odd.png")
    with pytest.raises(
        ZooError, match=r"odd\.png: is 33 pixels wide.*\nRepair or remove what is named here\.$"
    ):
        zoo.evaluate(run, broken)
    with pytest.raises(ZooError, match="translates one way only"):
        zoo.evaluate(run, inverse=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("")
    with pytest.raises(
        ZooError, match=r"mine exists and is not an evaluation; name another folder with --out$"
    ):
        zoo.evaluate(run, out=tmp_path / "mine")


@pytest.mark.one_backend
def test_an_export_in_its_run_is_judged_as_its_runtime_paints(run: zoo.Run) -> None:
    export = zoo.export_run(run, "keras", say=lambda line: None)
    found = zoo.evaluate(export)
    assert found.path == export.path / "evaluation"
    assert found.checkpoint == "keras"
    assert found.figures["psnr"].value == pytest.approx(run.metrics["psnr"], abs=1e-3)
    moved = zoo.load_export(shutil.copytree(export.path, run.path.parent / "a" / "b" / "moved"))
    with pytest.raises(ZooError, match=r"does not lie in its run.*; name pictures with --data$"):
        zoo.evaluate(moved)
    pairs = run.recipe["dataset"]["path"]
    assert zoo.evaluate(moved, pairs, ["l1"]).count == 6


def test_a_metric_of_sets_has_a_figure_without_an_interval(run: zoo.Run, tmp_path: Path) -> None:
    plugin = tmp_path / "sets_of_this_test.py"
    plugin.write_text(SETS)
    host = zoo.load_host(str(plugin))
    found = zoo.evaluate(run, None, ["mean_gap"], host=host)
    figure = found.figures["mean_gap"]
    assert (figure.low, figure.confidence, dict(figure.baselines)) == (None, None, {})
    assert figure.note == "of 2 pictures"
    assert found.primary is None
    assert {entry["rank"] for entry in found.examples} == {"other"}
    gap = [
        np.asarray(run(example["source"])).mean() - example["target"].mean()
        for example in held_out(run)
    ]
    assert figure.value == pytest.approx(abs(np.mean(gap)), abs=1e-5)


SETS = '''
import keras
import numpy as np
import zoo


class MeanGap(keras.metrics.Metric):
    """How far the mean values of two sets of pictures are apart."""

    eager = True
    paired = False
    _direction = "down"

    def __init__(self):
        super().__init__(name="mean_gap")
        self.reset_state()

    def update_state(self, target, translated, sample_weight=None):
        assert type(target) is np.ndarray
        self.gaps.append(translated.mean(axis=(1, 2, 3)) - target.mean(axis=(1, 2, 3)))

    def result(self):
        return abs(float(np.concatenate(self.gaps).mean()))

    def reset_state(self):
        self.gaps = []

    def note(self, pictures):
        return f"of {pictures} pictures"


@zoo.hookimpl
def register_metrics(register):
    register("mean_gap", MeanGap, summary="distance of means")
'''


def test_pictures_that_are_no_pairs_keep_the_metrics_of_sets(run: zoo.Run, tmp_path: Path) -> None:
    plugin = tmp_path / "sets_of_that_test.py"
    plugin.write_text(SETS)
    host = zoo.load_host(str(plugin))
    dataset = zoo.assemble(str(run.path / "recipe.yaml")).dataset
    found = zoo.evaluate(run, replace(dataset, test_paired=False), ["psnr", "mean_gap"], host=host)
    assert list(found.figures) == ["mean_gap"]
    assert found.as_json()["error_by_position"] is None
    assert all("target" not in entry and "difference" not in entry for entry in found.examples)


def test_errors_in_the_values_of_files(tmp_path: Path) -> None:
    from zoo.evaluation.data import held_out
    from zoo.evaluation.evaluate import evaluate_network
    from zoo.metrics.pixel import L1

    target = zoo.PictureFormat("grey", "int16", (-1000.0,), (3000.0,), suffix=".tif", unit="HU")
    pictures = np.linspace(-1, 0.9, 4 * 16).reshape(4, 4, 4, 1).astype("float32")

    class Examples:
        def __len__(self) -> int:
            return 4

        def example(self, index, random):
            return {"source": pictures[index], "target": pictures[index]}

    dataset = zoo.Dataset(
        Examples(), Examples(), (4, 4, 1), (4, 4, 1), "scans", formats=zoo.Formats(target=target)
    )
    found = evaluate_network(
        lambda sources: sources + 0.1,
        held_out(dataset),
        [L1()],
        tmp_path / "evaluation",
        model="scans",
        checkpoint="none",
        batch_size=3,
    )
    figure = found.figures["l1_units"]
    assert figure.value == pytest.approx(0.05 * 4000, rel=1e-5)
    assert (figure.unit, figure.better, figure.label) == ("HU", "lower", "L1 in files")
    assert figure.value == pytest.approx(found.figures["l1"].value * 2000)
    assert list(found.pictures) == ["name", "l1", "l1_units"]
    assert list(found.pictures["name"]) == ["0001", "0002", "0003", "0004"]
