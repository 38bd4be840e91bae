"""What a report says, as its HTML has it; tests/report/test_pages.py looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_page import Page
from PIL import Image
from run_on_disk import draw_sample, scene, warn, write_run

from zoo.pictures import RGB, write_picture
from zoo.pictures.grid import draw_grid
from zoo.report.data_uri import as_jpeg
from zoo.report.frames import MOST, chosen_frames
from zoo.report.report import Report, write_report


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "finished")


@pytest.fixture
def run(finished, tmp_path):
    """A copy of the finished run, free to be changed."""
    return shutil.copytree(finished, tmp_path / "runs" / "earth-20260101-101010")


def page(run: Path) -> Page:
    path = write_report(run)
    assert path == run / "report.html"
    parsed = Page(path.read_text(encoding="utf-8"))
    assert parsed.open == []
    return parsed


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_the_numbers_come_first(run):
    text = page(run).text
    assert "earth-20260101-101010 completed relief <to> satellite" in text
    # The primary figure with its interval leads; those of metrics.json are the evaluation's.
    assert re.search(r"PSNR 1\d\.\d\d dB 95 %: 1\d\.\d\d to 1\d\.\d\d L1 0\.", text)
    assert "training time 5 min 31 s 3 epochs, 1,200 steps" in text
    assert "images a second 21.43" in text
    assert "peak memory 2.345 GB of the process" in text
    assert text.index("PSNR") < text.index("training time") < text.index("Through time")


def test_without_an_evaluation_the_figures_are_those_of_the_training(run):
    shutil.rmtree(run / "evaluation")
    parsed = page(run)
    assert "PSNR 18.73 dB on 61 held-out pictures; " in parsed.text
    assert "sharpness 3.250 on 61 held-out pictures" in parsed.text
    assert "Held-out examples" not in parsed.text
    assert parsed.data["examples"] is None


def test_figures_stand_with_intervals_baselines_and_counts(run):
    text = page(run).text
    header = "figure value 95 % interval mean colour source unchanged pictures"
    assert header in text
    assert re.search(r"PSNR ↑ higher is better (\S+) dB \S+ to \S+ 15\.10 dB 14\.80 dB 28", text)
    assert "L1 ↓ lower is better" in text
    assert "FID ↓ lower is better 143 – – – 28" in text
    assert "FID: FID is biased below 2,000 pictures." in text
    assert "28 pictures; 61 held-out tiles of <relief>" in text


def test_examples_are_there_by_rank_with_their_pictures(run):
    examples = page(run).data["examples"]
    assert [item["rank"] for item in examples["items"]] == ["Best"] * 3 + ["Median"] * 3 + [
        "Worst"
    ] * 3
    assert examples["items"][0]["name"] == "tile-0000 & <b>"
    assert examples["items"][0]["figures"][0].startswith("PSNR ")
    numbers = [
        item[side] for item in examples["items"] for side in ("source", "target", "translated")
    ]
    assert len(set(numbers)) == 27
    assert all(picture.startswith("data:image/png;base64,") for picture in examples["pictures"])


def test_examples_without_targets_are_there_too(run):
    measured = json.loads((run / "evaluation" / "figures.json").read_text())
    for item in measured["examples"]:
        del item["target"], item["difference"]
    (run / "evaluation" / "figures.json").write_text(json.dumps(measured))
    items = page(run).data["examples"]["items"]
    assert {item["target"] for item in items} == {None}
    assert all(item["translated"] is not None for item in items)


def test_large_examples_become_jpeg(run):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    write_picture(run / "evaluation" / "examples" / "0001-source.png", noise)
    examples = page(run).data["examples"]
    first = examples["pictures"][examples["items"][0]["source"]]
    assert first.startswith("data:image/jpeg;base64,")


def test_error_by_position_and_brightness(run):
    parsed = page(run)
    cells = [attributes for attributes in parsed.all("i") if "--v:" in (attributes["style"] or "")]
    assert len(cells) == 256
    assert cells[0]["title"] == "row 1, column 1: 0.3700"
    assert cells[0]["style"] == "--v: 1.000"
    (map_,) = [item for item in parsed.all("div") if item.get("class") == "map"]
    assert map_["aria-label"].startswith(
        "Least error 0.1211 in row 8, column 8, largest 0.3700 in row 1"
    )
    assert parsed.data["brightness"]["values"][8] is None


def test_warnings_stand_on_top_and_each_kind_once(run):
    assert 'aria-label="Warnings"' not in (write_report(run)).read_text()
    warn(run, 2, 3, 7)
    warn(run, 3, kind="mode_collapse")
    with (run / "warnings.jsonl").open("a") as file:
        file.write('{"epoch": 9, "kind": "half a li')
    text = page(run).text
    told = (
        "Discriminator too strong 3 times, epochs 2 to 7 The discriminator tells nearly all fakes; "
    )
    assert told + "try a <lower> learning rate for it." in text
    assert "More: docs/troubleshooting.md#discriminator-too-strong" in text
    assert "Mode collapse epoch 3 " in text
    assert text.index("Mode collapse") < text.index("PSNR")


def test_the_recipe_says_what_differs_from_its_parent(run):
    parsed = page(run)
    assert (
        "What differs from the recipe earth : key earth this run training.epochs 19 3"
        in parsed.text
    )
    changed = [item for item in parsed.all("span") if item.get("class") == "changed"]
    assert len(changed) == 1
    assert '<span class="changed">  epochs: 3\n</span>' in (run / "report.html").read_text()


def test_an_unchanged_recipe_says_so_and_one_without_a_parent_says_nothing(run):
    parent = json.loads((run / "parent.json").read_text())
    parent["recipe"]["training"]["epochs"] = 3
    (run / "parent.json").write_text(json.dumps(parent))
    assert "The recipe earth as it is." in page(run).text
    (run / "parent.json").unlink()
    parsed = page(run)
    assert "differs" not in parsed.text
    assert "model: name: pix2pix" in parsed.text


def test_what_it_was_made_with_and_how_to_use_it(run):
    text = page(run).text
    assert "400 examples to train on, 61 held out" in text
    assert "2 skipped a & b.png: unreadable c.png: no partner" in text
    assert "backend jax keras 3.15.1 processors 2 command zoo train 'my <recipe>.yaml'" in text
    path = "runs/earth-20260101-101010"
    assert f"zoo translate {path} PICTURE_OR_FOLDER --out translated" in text
    assert f'run = zoo.load_run("{path}")' in text
    assert "zoo resume" not in text


def test_curves_are_grouped(run):
    curves = page(run).data["curves"]
    assert [(chart["title"], [item["label"] for item in chart["series"]]) for chart in curves] == [
        ("L1 on held-out pictures", ["L1"]),
        ("PSNR on held-out pictures (dB)", ["PSNR"]),
        ("Generator: losses", ["adversarial", "L1"]),
        ("Discriminator: losses", ["real", "fake"]),
        ("Discriminator: accuracy", ["discriminator accuracy"]),
        ("Learning rates", ["learning rate generator"]),
    ]


def test_it_asks_for_nothing_and_runs_its_own_scripts_alone(run):
    parsed = page(run)
    assert [attributes["href"] for attributes in parsed.all("link")] == ["data:,"]
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"iframe", "object", "embed", "a", "form"})
    assert all("src" not in attributes for attributes in parsed.all("script"))
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    (policy,) = [
        attributes["content"] or ""
        for attributes in parsed.all("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in parsed.scripts[1:]
    ]
    assert len(hashes) == 2
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; connect-src 'none'"
    )
    markup = (run / "report.html").read_text(encoding="utf-8")
    assert "url(" not in markup
    assert "@import" not in markup


def test_values_are_escaped(run):
    (run / "history.csv").write_text(
        "epoch,step,seconds,</script><b>loss\n1,1,1,3\n2,2,2,nan\n3,3,3,inf\n"
    )
    parsed = page(run)
    assert len(parsed.scripts) == 3
    assert not set("<>&") & set(parsed.scripts[0])
    (chart,) = parsed.data["curves"]
    assert chart["series"][0] == {
        "name": "</script><b>loss",
        "label": "</script><b>loss",
        "values": [3.0, None, None],
    }
    markup = (run / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in markup
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in markup
    assert "relief &lt;to&gt; satellite" in markup
    assert "a &amp; b.png" in markup


def test_odd_names_are_quoted(run):
    odd = run.rename(run.with_name('it\'s "<b>" a run'))
    text = page(odd).text
    assert "zoo translate 'runs/it'\"'\"'s \"<b>\" a run' PICTURE_OR_FOLDER" in text
    assert 'zoo.load_run("runs/it\'s \\"<b>\\" a run")' in text


def test_an_empty_run_has_a_report(tmp_path):
    text = page(tmp_path).text
    assert "unfinished" in text
    assert "No picture was drawn yet" in text
    assert "No curves yet" in text
    assert "skipped" not in text
    assert "Environment" not in text


def test_a_run_that_is_trained_says_how_far_it_is(run):
    (run / "metrics.json").unlink()
    shutil.rmtree(run / "evaluation")
    text = page(run).text
    assert "earth-20260101-101010 3 of 3 epochs trained" in text
    assert "PSNR 17" in text or "PSNR 16" in text
    assert "after epoch 3" in text
    assert "zoo resume runs/earth-20260101-101010" in text


def test_figures_of_an_earlier_sitting_are_not_those_of_a_run_that_goes_on(run):
    change(run / "metrics.json", steps=400, epochs=1, status="stopped")
    assert "3 of 3 epochs trained" in page(run).text


def test_a_stopped_run_says_how_to_go_on(run):
    change(run / "metrics.json", status="stopped")
    text = page(run).text
    assert "stopped before its last epoch" in text
    assert "zoo resume runs/earth-20260101-101010" in text


def test_figures_that_are_no_numbers_are_shown_as_such(run):
    shutil.rmtree(run / "evaluation")
    (run / "metrics.json").write_text('{"psnr": NaN, "l1": null, "status": "completed"}')
    assert "PSNR nan dB held out" in page(run).text


def test_a_relative_run_is_named_as_given(run, monkeypatch):
    monkeypatch.chdir(run.parent.parent)
    text = page(run.relative_to(run.parent.parent)).text
    assert "zoo translate runs/earth-20260101-101010 " in text
    assert str(run.parent.parent) not in text


def test_nothing_else_is_left_behind(run):
    before = set(run.rglob("*"))
    page(run)
    assert set(run.rglob("*")) - before == {run / "report.html"}


# === The frames through time ===


def test_frames_hold_each_picture_once_at_its_own_size(run):
    frames = page(run).data["frames"]
    assert frames["columns"] == ["source", "translated", "target"]
    assert [frame["epoch"] for frame in frames["frames"]] == [0, 1, 2, 3]
    # Two sources, two targets, what was translated of them in each epoch, and before training the same grey of both.
    assert len(frames["pictures"]) == 2 + 2 + 3 * 2 + 1
    last = {number for row in frames["frames"][-1]["pictures"] for number in row}
    kinds = {
        picture.partition(";")[0]
        for number, picture in enumerate(frames["pictures"])
        if number in last
    }
    assert kinds == {"data:image/png"}
    assert {row[0] for row in frames["frames"][0]["pictures"]} == {
        row[0] for row in frames["frames"][-1]["pictures"]
    }


def test_pictures_of_the_last_frame_are_those_that_were_drawn(run):
    frames = page(run).data["frames"]
    number = frames["frames"][-1]["pictures"][1][0]
    content = base64.b64decode(frames["pictures"][number].partition(",")[2])
    with Image.open(io.BytesIO(content)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), RGB.for_people(scene(1)))


def test_a_grid_of_an_earlier_version_is_shown_as_a_whole(run):
    for epoch in range(4):
        grid = draw_grid({"source": [scene(epoch)], "target": [scene(1)]})
        write_picture(run / "samples" / f"epoch-{epoch:04d}.png", grid)
    frames = page(run).data["frames"]
    assert frames["columns"] == []
    assert [frame["pictures"] for frame in frames["frames"]] == [[[1]], [[2]], [[3]], [[0]]]


@pytest.mark.parametrize("count", [1, 2, MOST - 1, MOST, MOST + 1, 100, 2000])
def test_a_long_training_shows_some_epochs_with_the_first_and_the_last(count):
    samples = [(epoch, Path(f"epoch-{epoch:04d}.png")) for epoch in range(count)]
    shown = [epoch for epoch, _ in chosen_frames(samples)]
    assert shown[0] == 0
    assert shown[-1] == count - 1
    assert min(count, MOST // 2) <= len(shown) <= MOST
    assert len({b - a for a, b in itertools.pairwise(shown[:-1])}) <= 1
    # Of what was shown an epoch ago, all but the last is shown or leaves for good.
    later = {epoch for epoch, _ in chosen_frames([*samples, (count, Path("next.png"))])}
    assert later <= {*shown, count - 1, count}


def test_a_picture_is_encoded_once_while_a_run_goes_on(run, monkeypatch):
    encoded = []
    monkeypatch.setattr(
        "zoo.report.frames.as_jpeg", lambda pixels: encoded.append(1) or as_jpeg(pixels)
    )
    report = Report(run)
    report.write()
    before = len(encoded)
    draw_sample(run, 4)
    report.write()
    # Those of the frame that was the last before.
    assert len(encoded) - before == 2
