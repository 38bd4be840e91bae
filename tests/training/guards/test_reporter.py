from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import get_args

from zoo.recipe.schema import Warned
from zoo.training.guards.reporter import DOCS, Reporter, place

ROOT = Path(__file__).parents[3]


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_kind_is_told_once_until_it_clears(tmp_path) -> None:
    stream = io.StringIO()
    reporter = Reporter(tmp_path / "warnings.jsonl", stream=stream)
    for epoch in (1, 2):
        reporter.warn("worsening", f"epoch {epoch}", epoch=epoch, step=10 * epoch)
    reporter.clear("worsening")
    reporter.warn("worsening", "epoch 3 – again", epoch=3, step=30)
    docs = "docs/troubleshooting.md#worsening"
    assert stream.getvalue() == f"warning: epoch 1 ({docs})\nwarning: epoch 3 – again ({docs})\n"
    assert lines(reporter.path) == [
        {"epoch": 1, "step": 10, "kind": "worsening", "message": "epoch 1", "docs": docs},
        {"epoch": 3, "step": 30, "kind": "worsening", "message": "epoch 3 – again", "docs": docs},
    ]


def test_what_is_off_is_not_told(tmp_path) -> None:
    stream = io.StringIO()
    reporter = Reporter(tmp_path / "warnings.jsonl", off=["overlap"], stream=stream)
    reporter.warn("overlap", "no", epoch=0, step=0)
    assert stream.getvalue() == ""
    assert not reporter.path.exists()
    assert reporter.wants("overlap", "worsening")
    assert not reporter.wants("overlap")


def test_epochs_that_are_trained_again_are_forgotten(tmp_path) -> None:
    reporter = Reporter(tmp_path / "warnings.jsonl", stream=io.StringIO())
    reporter.go_back(0)
    for epoch, kind in ((0, "overlap"), (2, "worsening"), (3, "diverged")):
        reporter.write(kind, "seen", epoch=epoch, step=epoch)
    reporter.go_back(2)
    assert [line["kind"] for line in lines(reporter.path)] == ["overlap", "worsening"]


def test_every_kind_is_described() -> None:
    page = (ROOT / DOCS).read_text(encoding="utf-8")
    anchors = {
        heading.strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    kinds = get_args(Warned)
    assert len(kinds) == 7
    for kind in kinds:
        assert place(kind).partition("#")[2] in anchors
        assert f"`{kind}`" in page
