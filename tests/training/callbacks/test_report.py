"""The report that is written while a run is trained, and shown by `zoo train --open`."""

from __future__ import annotations

import re
import urllib.request
import webbrowser
from pathlib import Path

import pytest
from tiny import tiny_data, tiny_pix2pix

import zoo
from zoo.report.report import Report
from zoo.report.watch import Watcher
from zoo.training.callbacks.history import HistoryFile
from zoo.training.callbacks.report import ReportFile


def test_the_report_is_written_before_the_first_epoch_and_after_each(tmp_path, monkeypatch):
    written = []
    write = Report.write

    def noted(report: Report) -> Path:
        path = write(report)
        written.append(path.read_text(encoding="utf-8"))
        return path

    monkeypatch.setattr(Report, "write", noted)
    tiny_pix2pix().fit(
        tiny_data(),
        batch_size=1,
        epochs=2,
        verbose=0,
        callbacks=[HistoryFile(tmp_path / "history.csv"), ReportFile(Report(tmp_path))],
    )
    assert "No curves yet" in written[0]
    assert [re.findall(r'"epochs":(\[[\d,]*\])', page)[0] for page in written] == [
        "[]",
        "[1]",
        "[1,2]",
    ]


def test_a_run_is_shown_while_it_is_trained(zoo_command, tiny_recipe, tmp_path, monkeypatch):
    seen = []

    def browser(address: str) -> bool:
        with urllib.request.urlopen(address, timeout=10) as answer:
            seen.append((address, answer.read().decode()))
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    done = zoo_command("train", tiny_recipe, "training.epochs=1", "--open")
    assert done.returncode == 0, done.stderr
    ((address, page),) = seen
    assert f"watch it at {address}\n" in done.stdout
    (run,) = (tmp_path / "runs").iterdir()
    assert f"<h1>{run.name}</h1>" in page
    assert "0 of 1 epochs trained" in page
    # It is gone with the training.
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=10)


def test_a_page_that_is_open_gets_the_last_state(tmp_path: Path):
    """The page asks for the state, and takes it a little later, when the training has ended already."""
    import threading

    run = zoo.load_run(_run(tmp_path))
    with Watcher(run.path).beside() as watcher:

        def page() -> None:
            urllib.request.urlopen(f"{watcher.address}state", timeout=10).read()
            asked.set()
            ended.wait(10)
            taken.append(urllib.request.urlopen(watcher.address, timeout=10).read().decode())

        asked, ended = threading.Event(), threading.Event()
        taken: list[str] = []
        thread = threading.Thread(target=page)
        thread.start()
        assert asked.wait(10)
        (run.path / "metrics.json").write_text('{"status": "completed", "psnr": 12.5}')
        threading.Timer(0.2, ended.set).start()
    thread.join()
    assert "12.50" in taken[0]


def _run(folder: Path) -> Path:
    (folder / "run").mkdir()
    (folder / "run" / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    return folder / "run"
