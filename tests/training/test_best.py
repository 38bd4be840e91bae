"""The best epoch: by which figure, which way, what is checked, told and kept."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.errors import ZooError
from zoo.recipe.problems import RecipeError
from zoo.runs.best import best_epoch, figures_by_epoch


def test_the_first_of_the_best() -> None:
    rows = [
        {"epoch": str(epoch), "val_l1": figure}
        for epoch, figure in enumerate(["0.5", "0.2", "", "nan", "0.2", "0.4"], start=1)
    ]
    figures = figures_by_epoch(rows, "val_l1")
    assert figures == {1: 0.5, 2: 0.2, 5: 0.2, 6: 0.4}
    assert best_epoch(figures, "min") == 2
    assert best_epoch(figures, "max") == 1
    assert best_epoch(figures_by_epoch(rows, "val_psnr"), "max") is None


REFUSED = {
    "{monitor: val_sim}": "checkpoints.best.monitor: it watches 'val_sim', but the figures of this training are "
    "discriminator_fake, discriminator_real, generator_adversarial, generator_l1, val_l1, val_psnr.",
    "{monitor: generator_l1}": "checkpoints.best.mode: nobody says whether a higher or a lower 'generator_l1' is "
    "better; set mode to min or max",
    "{mode: highest}": "checkpoints.best.mode: expected auto, max or min, got 'highest'",
}


@pytest.mark.parametrize("best", REFUSED)
def test_what_no_training_has_is_refused(best: str, tiny_recipe: Path) -> None:
    override = f"checkpoints.best={best}"
    with pytest.raises(RecipeError) as caught:
        zoo.assemble(zoo.load_recipe(tiny_recipe, override, strict=False))
    (problem,) = caught.value.problems
    assert str(problem).replace(f"command line: {override}: ", "").startswith(REFUSED[best])


@pytest.mark.parametrize(
    ("best", "mode"),
    [
        ("{monitor: val_l1}", "min"),
        ("{monitor: val_psnr}", "max"),
        ("{monitor: generator_l1, mode: min}", "min"),
        ("{monitor: val_l1, mode: max}", "max"),
    ],
)
def test_the_metric_says_which_way(best: str, mode: str, tiny_recipe: Path) -> None:
    experiment = zoo.assemble(zoo.load_recipe(tiny_recipe, f"checkpoints.best={best}"))
    assert experiment.best_mode == mode


@pytest.fixture
def earlier_was_better(tiny_recipe: Path, tmp_path: Path) -> tuple[zoo.Run, list[str]]:
    """A run whose figure only gets worse, by the wrong mode; and what was said."""
    said: list[str] = []
    worse = "checkpoints.best={monitor: val_l1, mode: max}"
    run = zoo.train(
        str(tiny_recipe), worse, "training.epochs=3", root=tmp_path / "runs", say=said.append
    )
    return zoo.load_run(run.path), said


@pytest.mark.one_backend
def test_the_best_epoch_is_told_kept_and_used(
    earlier_was_better: tuple[zoo.Run, list[str]], zoo_command, tmp_path: Path
) -> None:
    run, said = earlier_was_better
    with (run.path / "history.csv").open(newline="") as lines:
        figures = [float(row["val_l1"]) for row in csv.DictReader(lines)]
    best = int(np.argmax(figures)) + 1
    assert best < 3
    (told,) = [line for line in said if line.startswith("epoch")]
    assert told == (
        f"epoch {best} was better than the last one: val_l1 {figures[best - 1]:.4g} against {figures[2]:.4g}; use its "
        f"generator with --checkpoint best, as in: zoo evaluate {run.path} --checkpoint best"
    )
    # What was kept is the generator of that epoch.
    found = zoo.evaluate(zoo.load_model(run.path, checkpoint="best"))
    assert found.figures["l1"].value == pytest.approx(figures[best - 1], rel=1e-5)
    assert found.path == run.path / "evaluation-best"
    assert found.checkpoint == "checkpoints/best.keras"
    assert zoo.evaluate(run).figures["l1"].value == pytest.approx(figures[2], rel=1e-5)
    done = zoo_command("evaluate", run.path, "--checkpoint", "best")
    assert done.returncode == 0, done.stderr
    assert f"{figures[best - 1]:.4g}" in done.stdout
    # Commands take it, and processes open it anew.
    source = sorted((run.path / "examples" / "held_out").glob("source*"))[0]
    for checkpoint in ("best", "last"):
        out = tmp_path / checkpoint
        done = zoo_command("translate", run.path, source, "--out", out, "--checkpoint", checkpoint)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "best" / source.name).read_bytes() != (
        tmp_path / "last" / source.name
    ).read_bytes()
    done = zoo_command("export", run.path, "--format", "keras", "--checkpoint", "best")
    assert done.returncode == 0, done.stderr
    export = zoo.load_export(run.path / "export" / "keras-best")
    judged = zoo.evaluate(export)
    assert judged.figures["l1"].value == pytest.approx(figures[best - 1], abs=1e-4)


def test_a_resumed_training_knows_the_best(
    earlier_was_better: tuple[zoo.Run, list[str]], tmp_path: Path
) -> None:
    run, _ = earlier_was_better
    before = (run.path / "checkpoints" / "best.keras").read_bytes()
    zoo.resume(run.path, "training.epochs=4", say=lambda line: None)
    with (run.path / "history.csv").open(newline="") as lines:
        figures = [float(row["val_l1"]) for row in csv.DictReader(lines)]
    assert int(np.argmax(figures)) < 3
    assert (run.path / "checkpoints" / "best.keras").read_bytes() == before


def test_a_checkpoint_that_is_not_there(tiny_recipe: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(tiny_recipe.read_text())
    message = (
        f"{folder} has no checkpoints/best.keras: no epoch was chosen as the best; checkpoints.best.monitor of a "
        "recipe names the figure that chooses it, such as val_psnr"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        zoo.load_run(folder, checkpoint="best")
    with pytest.raises(ZooError, match=r"^there is no checkpoint 'first'; expected last or best$"):
        zoo.load_run(folder, checkpoint="first")
    (folder / "zoo.json").write_text("{}")
    with pytest.raises(
        ZooError,
        match="is an export, which holds one network; export that of the best epoch with: ",
    ):
        zoo.load_model(folder, checkpoint="best")
