"""What all trackers do: nothing twice, nothing lost, and no training ended."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Zoo
from zoo_trackers import tracker
from zoo_trackers.contents import flat, held_out, whole_epochs
from zoo_trackers.tracker import Tracker

import zoo
from zoo import Experiment, Run, ZooError

pytestmark = pytest.mark.one_backend


def quiet(line: str) -> None:
    del line


class Listening(Tracker):
    """A tracker that keeps what it gets; fails where it is told to."""

    NAME = "listening"
    fails: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    def begin(self, run: Run, experiment: Experiment, id: str) -> str:
        self._fail("begin")
        self.got.append(("begin", id))
        return id or "new"

    def log(self, epoch: int, figures: dict[str, float], picture: Path | None) -> None:
        self._fail(f"log {epoch}")
        self.got.append((epoch, figures, picture.name if picture else None))

    def finish(self, run: Run, figures: dict[str, float]) -> None:
        self._fail("finish")
        self.got.append(("finish", run.metrics["status"], figures))

    def _fail(self, where: str) -> None:
        if where in self.fails:
            raise ConnectionError(f"the server is away at {where}\nand more lines")


def steps(listening: Listening) -> list[Any]:
    return [item[0] for item in listening.got]


def test_epochs_are_logged_as_the_run_writes_them(tiny_recipe: Path, tmp_path: Path) -> None:
    listening = Listening()
    run = zoo.train(tiny_recipe, root=tmp_path, callbacks=[listening], say=quiet)
    begin, untrained, *_, finish = listening.got
    assert begin == ("begin", "")
    assert untrained == (0, {}, "epoch-0000.png")
    for number, row in enumerate(run.history, start=1):
        got = listening.got[number + 1]
        assert got == (
            number,
            {name: value for name, value in row.items() if name != "epoch"},
            f"epoch-{number:04d}.png",
        )
        assert {"step", "seconds", "generator_l1", "val_psnr"} <= set(got[1])
    figures = {f"held_out/{name}": run.metrics[name] for name in ("l1", "psnr")}
    assert finish == ("finish", "completed", figures)
    state = json.loads((run.path / "tracking.json").read_text())
    assert state == {"listening": {"id": "new", "epoch": 2, "picture": 2}}


def test_a_resumed_run_goes_on_and_an_earlier_one_is_caught_up(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    class StopWithin(Listening):
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            if int(self.model.optimizer.iterations) == 3:
                self.model.stop_training = True

    stopped = StopWithin()
    run = zoo.train(tiny_recipe, root=tmp_path, callbacks=[stopped], say=quiet)
    # The second epoch was stopped within: its figures will be others.
    assert steps(stopped) == ["begin", 0, 1, "finish"]
    assert len(run.history) == 2
    listening = Listening()
    zoo.resume(run.path, callbacks=[listening], say=quiet)
    assert listening.got[0] == ("begin", "new")
    assert steps(listening) == ["begin", 2, "finish"]
    late = type("Late", (Listening,), {"NAME": "late"})()
    zoo.resume(run.path, "training.epochs=3", callbacks=[late], say=quiet)
    assert steps(late) == ["begin", 0, 1, 2, 3, "finish"]


class Written:
    """A run as a training writes it, without the seconds that one takes."""

    def __init__(self, path: Path) -> None:
        (path / "samples").mkdir(parents=True)
        (path / "history.csv").write_text("epoch,step,seconds,generator_l1\n")
        self.path = path
        self.experiment: Any = SimpleNamespace(steps_per_epoch=2)

    def train(self, listening: Listening, epochs: int) -> None:
        listening.on_run_begin(zoo.Run(self.path), self.experiment)
        for epoch in range(1, epochs + 1):
            with (self.path / "history.csv").open("a") as lines:
                lines.write(f"{epoch},{2 * epoch},{epoch / 2},{1 / epoch}\n")
            listening.on_epoch_end(epoch - 1)
        metrics = {"epochs": epochs, "status": "completed"}
        (self.path / "metrics.json").write_text(json.dumps(metrics))
        listening.on_run_end(zoo.Run(self.path))


def test_a_failure_is_told_once_and_what_is_missing_is_sent_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "PAUSE", 0.0)

    class Recovering(Listening):
        fails: tuple[str, ...] = ("log 1", "log 2")

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            if epoch == 2:
                self.fails = ()
            super().on_epoch_end(epoch, logs)

    recovering = Recovering()
    Written(tmp_path / "run").train(recovering, epochs=3)
    assert steps(recovering) == ["begin", 1, 2, 3, "finish"]
    assert capsys.readouterr().err.splitlines() == [
        "zoo: warning: the tracker listening does not take what the run writes: the server is away at log 1; training "
        "goes on, and what is missing is sent when it takes it again"
    ]


def test_a_tracker_that_stays_away_is_asked_seldom(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Away(Listening):
        fails: tuple[str, ...] = ("log 1", "finish")
        tries = 0

        def _fail(self, where: str) -> None:
            self.tries += where == "log 1"
            super()._fail(where)

    away = Away()
    Written(tmp_path / "run").train(away, epochs=5)
    # After the first epoch and at the end.
    assert away.tries == 2
    warnings = capsys.readouterr().err.splitlines()
    assert len(warnings) == 2
    assert (
        warnings[1] == "zoo: warning: the tracker listening lacks what the run wrote after epoch 0"
    )


def test_a_tracker_that_cannot_begin_refuses_the_training(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    listening = Listening()
    listening.fails = ("begin",)
    with pytest.raises(ZooError) as told:
        zoo.train(tiny_recipe, root=tmp_path, callbacks=[listening], say=quiet)
    assert str(told.value) == (
        "the tracker listening cannot begin: the server is away at begin; nothing was trained"
    )
    (run,) = zoo.list_runs(tmp_path)
    (run.path / "tracking.json").write_text("[]")
    with pytest.raises(ZooError, match=r"tracking\.json is not what a tracker wrote; remove it"):
        zoo.resume(run.path, callbacks=[Listening()], say=quiet)


@pytest.mark.parametrize(
    ("name", "library"), [("tensorboard", "tensorboard"), ("mlflow", "mlflow"), ("wandb", "wandb")]
)
def test_a_library_that_is_missing_is_told_before_training(
    name: str, library: str, zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda word, *more: None if word == library else found(word, *more),
    )
    done = zoo_command("train", tiny_recipe, "--track", name)
    assert done.returncode == 2
    assert done.stderr == (
        f"zoo: 1 problem in recipe tiny:\n  command line: callbacks+={{name: {name}}}: callbacks.0: the callback "
        f"{name} needs the library {library}, which is not installed; install it with: "
        f"pip install 'pix2pix-zoo[{name}]'\n"
    )
    assert not (tmp_path / "runs").exists()


def test_a_recipe_is_flattened_to_the_names_of_overrides() -> None:
    recipe = {"a": {"b": [{"name": "l1", "weight": 1.0}, 3], "c": None}, "d": [], "e": "text"}
    assert flat(recipe) == {
        "a.b.0.name": "l1",
        "a.b.0.weight": 1.0,
        "a.b.1": 3,
        "a.c": None,
        "e": "text",
    }


def test_the_evaluation_of_a_run_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,step,seconds,val_psnr\n1,2,0.5,9.5\n2,3,0.6,\n")
    metrics = {"psnr": 10.5, "epochs": 2, "steps": 3, "status": "stopped"}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    run = zoo.Run(tmp_path)
    assert whole_epochs(run, 2) == {1: {"step": 2.0, "seconds": 0.5, "val_psnr": 9.5}}
    assert held_out(run) == {"held_out/psnr": 10.5}
    (tmp_path / "evaluation").mkdir()
    figures = {"psnr": {"value": 10.25}, "fid": {"value": 143.0}, "kid": {"value": None}}
    (tmp_path / "evaluation" / "figures.json").write_text(json.dumps({"figures": figures}))
    assert held_out(run) == {"held_out/psnr": 10.25, "held_out/fid": 143.0}
