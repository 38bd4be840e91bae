"""Callbacks that are told of their run, and trackers named on the command line."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import keras
import pytest
from conftest import Zoo

import zoo
from zoo.errors import ZooError

PLUGIN = """
import zoo


class Diary(zoo.RunCallback):
    file = "diary.txt"

    def on_run_begin(self, run, experiment):
        (run.path / self.file).write_text(f"{experiment.steps_per_epoch} steps\\n")

    def on_run_end(self, run):
        with (run.path / self.file).open("a") as lines:
            lines.write(f"{len(run.history)} epochs, {run.metrics['status']}\\n")


class Second(Diary):
    file = "second.txt"


@zoo.hookimpl
def register_callbacks(register):
    register("diary", Diary, summary="a diary")
    register("second", Second, summary="another")
"""


def quiet(line: str) -> None:
    del line


class Noting(zoo.RunCallback):
    """Notes what it is told, and how far the run was then."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def on_run_begin(self, run: zoo.Run, experiment: zoo.Experiment) -> None:
        files = [name for name in ("recipe.yaml", "environment.json") if (run.path / name).exists()]
        self.told.append(("begin", files, len(run.history), experiment.epochs))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.told.append((epoch, sorted(logs or {})))

    def on_run_end(self, run: zoo.Run) -> None:
        self.told.append(("end", run.history, run.metrics["status"]))


def test_a_callback_is_told_of_its_run(tiny_recipe: Path, tmp_path: Path) -> None:
    noting = Noting()
    run = zoo.train(tiny_recipe, root=tmp_path, callbacks=[noting], say=quiet)
    first, *epochs, (end, history, status) = noting.told
    assert first == ("begin", ["recipe.yaml", "environment.json"], 0, 2)
    assert [epoch for epoch, _ in epochs] == [0, 1]
    assert (end, status) == ("end", "completed")
    assert [row["epoch"] for row in history] == [1.0, 2.0]
    assert history[1]["val_psnr"] == pytest.approx(run.metrics["psnr"], abs=1e-4)
    # It is no part of the recipe, so that this can be trained again without it.
    assert "callbacks: []" in (run.path / "recipe.yaml").read_text()
    again = Noting()
    zoo.resume(run.path, "training.epochs=3", callbacks=[again], say=quiet)
    assert again.told[0] == ("begin", ["recipe.yaml", "environment.json"], 2, 3)
    assert [told[0] for told in again.told] == ["begin", 2, "end"]


class Failing(zoo.RunCallback):
    def on_run_begin(self, run: zoo.Run, experiment: zoo.Experiment) -> None:
        raise ZooError("not today")


class Tired(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        raise ZooError("enough")


@pytest.mark.one_backend
def test_a_callback_may_refuse_a_run_and_hears_of_one_that_fails(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    noting = Noting()
    with pytest.raises(ZooError, match="not today"):
        zoo.train(tiny_recipe, root=tmp_path, callbacks=[noting, Failing()], say=quiet)
    assert [told[0] for told in noting.told] == ["begin"]
    with pytest.raises(ZooError, match="enough"):
        zoo.train(tiny_recipe, root=tmp_path, callbacks=[noting, Tired()], say=quiet)
    assert noting.told[-1][2] == "failed"


@pytest.mark.one_backend
def test_a_run_says_which_signal_stopped_it(tiny_recipe: Path, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            signal.raise_signal(signal.SIGTERM)

    run = zoo.train(tiny_recipe, root=tmp_path, callbacks=[Stop()], say=quiet)
    assert run.metrics["status"] == "stopped"
    assert run.metrics["stopped_by"] == "SIGTERM"


@pytest.mark.one_backend
def test_track_adds_a_tracker_to_the_recipe_once(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "diary_of_this_test.py"
    plugin.write_text(PLUGIN)
    words = ("--plugin", plugin)
    short = "training.epochs=1"
    done = zoo_command("train", tiny_recipe, short, "--track", "diary", "--track", "diary", *words)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert (run / "diary.txt").read_text() == "2 steps\n1 epochs, completed\n"
    assert "callbacks:\n  - name: diary\n" in (run / "recipe.yaml").read_text()
    # A tracker that is new to a run may be named where it goes on.
    longer = "training.epochs=2"
    done = zoo_command("resume", run, longer, "--track", "diary", "--track", "second", *words)
    assert done.returncode == 0, done.stderr
    assert (run / "second.txt").read_text() == "2 steps\n2 epochs, completed\n"
    recipe = (run / "recipe.yaml").read_text()
    assert "callbacks:\n  - name: diary\n  - name: second\n" in recipe
    assert recipe.count("name: diary") == 1


@pytest.mark.one_backend
@pytest.mark.parametrize("command", ["train", "resume"])
def test_track_refuses_what_follows_no_run(
    command: str, zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "diary_of_this_test.py"
    plugin.write_text(PLUGIN)
    place = tiny_recipe
    if command == "resume":
        place = tmp_path / "run"
        place.mkdir()
        (place / "recipe.yaml").write_text(tiny_recipe.read_text())
    name = "keras.callbacks.CSVLogger"
    done = zoo_command(command, place, "--track", name, "--plugin", plugin)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "zoo: --track keras.callbacks.CSVLogger: that callback is no tracker; expected diary"
    )
    assert done.stderr.endswith("other callbacks stand in the recipe, below callbacks\n")
    done = zoo_command(command, place, "--track", "diry", "--plugin", plugin)
    assert "zoo: there is no callback 'diry'; there is diary" in done.stderr
    assert done.stderr.endswith("Did you mean 'diary'?\n")
    assert not (tmp_path / "runs").exists()
