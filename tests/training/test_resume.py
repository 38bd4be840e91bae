"""Runs that were killed, at any moment: resumed they end like one that was never stopped."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import keras
import pytest
from interrupted import assert_alike, figures, files, history, killed
from tiny_files import write_pairs, write_recipe

import zoo
from zoo.errors import ZooError
from zoo.training.train import resume, train

# The rate is so high that the second epoch is the best of three: what was best has to be remembered.
OVERRIDES = ("training.epochs=3", "optimizers.generator.learning_rate=0.1", "generator.filters=2")


@dataclass(frozen=True)
class Whole:
    """A run that was never stopped.

    Args:
        recipe: the file that it trained.
        path: of the run.
        writes: the names of its files in the order in which they appeared, each anew for each time.
    """

    recipe: Path
    path: Path
    writes: list[str]

    def before(self, name: str, time: int) -> int:
        """Return the number of the write at which a file appears for the n-th time, from 1."""
        return [index for index, write in enumerate(self.writes) if write == name][time - 1]

    def killed(self, root: Path, before: int) -> Path:
        """Train the same in another place up to a write; return the run."""
        killed(lambda: train(self.recipe, *OVERRIDES, root=root, say=quiet), before)
        (run,) = zoo.runs.run.list_runs(root)
        return run.path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    recipe = write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))
    names: list[str] = []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        names.append(Path(target).name)
        return replace(self, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", noted)
        run = train(recipe, *OVERRIDES, root=folder / "runs", say=quiet)
    return Whole(recipe, run.path, names)


def quiet(line: str) -> None:
    del line


def is_example(name: str) -> bool:
    """Whether a picture is one that a run keeps, or that its evaluation shows."""
    return re.match(r"(source|target)-|\d{4}-", name) is not None


def test_a_checkpoint_is_written_after_all_that_belongs_to_its_epochs(whole: Whole) -> None:
    beside = [name for name in whole.writes if not is_example(name)]
    assert beside == [
        *("recipe.yaml", "environment.json", "pictures.json", "report.html", "epoch-0000.png"),
        *("history.csv", "curves.png", "epoch-0001.png", "report.html"),
        *("best.keras", "generator.keras", "last.keras"),
        *("history.csv", "epoch-0002.png", "report.html"),
        *("best.keras", "generator.keras", "last.keras"),
        *("history.csv", "epoch-0003.png", "report.html", "generator.keras", "last.keras"),
        "curves.png",
        *("figures.json", "pictures.csv", "evaluation"),
        *("metrics.json", "report.html"),
    ]


@pytest.mark.parametrize(
    ("name", "time"),
    [("last.keras", 1), ("last.keras", 3), ("metrics.json", 1), ("report.html", 5)],
)
def test_a_run_that_was_killed_ends_like_one_that_was_not(
    name: str, time: int, whole: Whole, tmp_path: Path
) -> None:
    run = whole.killed(tmp_path, whole.before(name, time))
    assert_alike(resume(run, say=quiet).path, whole.path)


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_a_run_may_be_killed_at_any_write_and_once_more_while_it_is_resumed(
    half: int, whole: Whole, tmp_path: Path
) -> None:
    kept = [index for index, name in enumerate(whole.writes) if is_example(name)]
    # Of the pictures that a run keeps, and of those that its evaluation shows, one stands for all.
    others = {index for index in kept if index - 1 in kept}
    points = set(range(whole.before("environment.json", 1), len(whole.writes))) - others
    assert len(points) == 30
    for before in sorted(points)[half::2]:
        run = whole.killed(tmp_path / str(before), before)
        killed(lambda: resume(run, say=quiet), 1)  # noqa: B023 - called at once
        assert_alike(resume(run, say=quiet).path, whole.path)


def test_what_a_finished_run_lacks_is_written_again(whole: Whole, tmp_path: Path) -> None:
    run = Path(shutil.copytree(whole.path, tmp_path / "run"))
    message = (
        f"{run} has already trained 3 epochs and lacks nothing; to train longer: "
        f"zoo resume {run} training.epochs=6"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        resume(run, say=quiet)
    for name in ("generator.keras", "report.html", "curves.png", "metrics.json"):
        (run / name).unlink()
    said: list[str] = []
    resume(run, say=said.append)
    assert said[0] == f"run {run}: all 3 epochs are trained; writing what the run lacks"
    assert_alike(run, whole.path)


@pytest.mark.parametrize("schedule", ["constant", "linear_decay"])
def test_epochs_are_added(schedule: str, whole: Whole, tmp_path: Path) -> None:
    course = f"schedule.name={schedule}"
    run = train(whole.recipe, *OVERRIDES, course, "training.epochs=1", root=tmp_path, say=quiet)
    resume(run.path, "training.epochs=3", "evaluation.samples=1", say=quiet)
    assert zoo.load_run(run.path).recipe["training"]["epochs"] == 3
    assert zoo.load_run(run.path).recipe["evaluation"]["samples"] == 1
    assert figures(run.path)["epochs"] == 3
    if schedule == "constant":
        assert history(run.path) == history(whole.path)
    model = keras.models.load_model(run.path / "checkpoints" / "last.keras")
    # The rate after the first of three epochs, of which the second half decays.
    rate = model.optimizer.players["generator"]._learning_rate
    if schedule == "linear_decay":
        expected = zoo.assemble(whole.recipe, *OVERRIDES, course)
        assert (
            rate.get_config()
            == expected.model.optimizer.players["generator"]._learning_rate.get_config()
        )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["generator.filters=8", "training.epochs=9"],
            "zoo resume cannot change generator.filters: {run} goes on with the networks, losses and data that it "
            "began with; expected training.epochs, training.workers, evaluation.every, evaluation.samples, "
            "evaluation.samples_every, checkpoints.every or warnings.off; for another training start from its recipe: "
            "zoo train {run}/recipe.yaml generator.filters=8 training.epochs=9",
        ),
        (
            ["training.epochs=2"],
            "{run} has already trained 3 epochs and lacks nothing; to train longer: zoo resume {run} training.epochs=6",
        ),
        (
            ["training.epochs=many"],
            "1 problem in recipe {run}/recipe.yaml:\n  command line: training.epochs=many: expected a whole number, "
            "got 'many'",
        ),
    ],
)
def test_what_cannot_be_changed_is_told_and_nothing_is_written(
    overrides: list[str], message: str, whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file: (whole.path / file).read_bytes() for file in files(whole.path)}
    with pytest.raises(ZooError) as refused:
        resume(whole.path, *overrides, say=quiet)
    assert str(refused.value) == message.format(run=whole.path)
    assert {file: (whole.path / file).read_bytes() for file in files(whole.path)} == before


def test_the_command_adds_epochs(zoo_command, whole: Whole, tmp_path: Path) -> None:
    run = shutil.copytree(whole.path, tmp_path / "run")
    done = zoo_command("resume", run, "training.epochs=4")
    assert done.returncode == 0, done.stderr
    assert f"run {run}: going on in epoch 4 of 4, at batch 1" in done.stdout
    assert zoo.load_run(run).metrics["epochs"] == 4
