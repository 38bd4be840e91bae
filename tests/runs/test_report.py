import json
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from zoo.pictures import write_picture
from zoo.pictures.grid import draw_grid
from zoo.runs.report import FRAMES, write_report
from zoo.training.callbacks.curves import draw_curves

METRICS = {
    "psnr": 18.734,
    "l1": 0.2171,
    "sharpness": 3.25,
    "epochs": 3,
    "steps": 1200,
    "seconds": 331.2,
    "images_per_second": 21.434,
    "status": "completed",
    "train_examples": 400,
    "test_examples": 61,
    "dataset": "relief <to> satellite",
}
ENVIRONMENT = {
    "backend": "jax",
    "versions": {"keras": "3.15.1"},
    "processors": 2,
    "command": ["zoo", "train", "my <recipe>.yaml"],
}
HISTORY = """epoch,step,seconds,discriminator_real,generator_l1,val_l1,val_psnr
1,400,110,0.6,20,0.3,16.13
2,800,220,0.5,15,0.25,17.5
3,1200,331,0.5,14,0.2171,18.734
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run of three epochs."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "metrics.json").write_text(json.dumps(METRICS))
    (folder / "environment.json").write_text(json.dumps(ENVIRONMENT))
    (folder / "history.csv").write_text(HISTORY)
    (folder / "recipe.yaml").write_text("# <script>alert(1)</script>\nmodel: {name: pix2pix}\n")
    (folder / "skipped.txt").write_text("a & b.png: unreadable\nc.png: no partner\n")
    draw_curves(folder / "history.csv", folder / "curves.png")
    for epoch in range(4):
        draw_sample(folder, epoch)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A copy of the finished run, free to be changed."""
    return shutil.copytree(finished, tmp_path / "runs" / "earth-20260101-101010")


def draw_sample(folder, epoch):
    picture = np.full((8, 8, 3), epoch / 40, np.float32)
    grid = draw_grid({"source": [picture], "translated": [picture], "target": [picture]})
    write_picture(folder / "samples" / f"epoch-{epoch:04d}.png", grid)


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.words: list[str] = []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page(run):
    path = write_report(run)
    assert path == run / "report.html"
    parsed = Page(path.read_text(encoding="utf-8"))
    assert parsed.open == []
    return parsed


def test_says_the_numbers_first(run):
    text = page(run).text
    assert "earth-20260101-101010 completed" in text
    assert "PSNR 18.73 dB on 61 held-out pictures; 16.13 after epoch 1" in text
    assert "L1 0.2171 on 61 held-out pictures; 0.3000 after epoch 1" in text
    assert "sharpness 3.250 on 61 held-out pictures" in text
    assert "training time 5 min 31 s 1,200 steps" in text
    assert "images a second 21.43" in text
    assert text.index("PSNR") < text.index("L1 0.2171") < text.index("training time")


def test_says_what_it_was_made_with_and_how_to_use_it(run):
    text = page(run).text
    assert "400 examples to train on 61 examples held out" in text
    assert "2 skipped a & b.png: unreadable c.png: no partner" in text
    assert "model: {name: pix2pix}" in text
    assert "backend jax keras 3.15.1 processors 2 command zoo train 'my <recipe>.yaml'" in text
    path = "runs/earth-20260101-101010"
    assert f"zoo translate {path} PICTURE_OR_FOLDER --out translated" in text
    assert f'run = zoo.load_run("{path}")' in text
    assert "zoo resume" not in text


def test_holds_its_pictures_and_asks_for_nothing(run):
    parsed = page(run)
    images = [attributes["src"] for attributes in parsed.all("img")]
    assert len(images) == 4 + 1
    assert all(source.startswith("data:image/") for source in images)
    assert all(attributes["alt"] for attributes in parsed.all("img"))
    assert [attributes["href"] for attributes in parsed.all("link")] == ["data:,"]
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"script", "iframe", "object", "embed"})
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert policy in [attributes.get("content") for attributes in parsed.all("meta")]
    markup = (run / "report.html").read_text(encoding="utf-8")
    assert "url(" not in markup
    assert "@import" not in markup


def test_pictures_of_the_last_epoch_are_shown_first(run):
    radios = page(run).all("input")
    assert [radio["id"] for radio in radios] == [f"epoch-{epoch}" for epoch in range(4)]
    assert ["checked" in radio for radio in radios] == [False, False, False, True]


def test_a_long_training_shows_some_epochs_with_the_first_and_the_last(run):
    for epoch in range(100):
        draw_sample(run, epoch)
    shown = [int(radio["id"].removeprefix("epoch-")) for radio in page(run).all("input")]
    assert len(shown) == FRAMES
    assert (shown[0], shown[-1]) == (0, 99)


def test_values_are_escaped(run):
    page(run)
    markup = (run / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in markup
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
    assert "unfinished: no final figures were written" in text
    assert "No picture was drawn" in text
    assert "No curves yet" in text
    assert "skipped" not in text
    assert "Environment" not in text


def test_a_stopped_run_says_how_to_go_on(run):
    (run / "metrics.json").write_text(json.dumps({**METRICS, "status": "stopped"}))
    text = page(run).text
    assert "stopped before its last epoch" in text
    assert "zoo resume runs/earth-20260101-101010" in text


def test_figures_that_are_no_numbers_are_shown_as_such(run):
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
