"""`zoo sweep`: every combination, a sampler, trials that end early, sweeps that were killed, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Zoo
from tiny_files import write_pairs, write_recipe

pytest.importorskip("optuna")

from zoo_sweep import running, worker
from zoo_sweep.results import best_epoch
from zoo_sweep.study import open_study, take
from zoo_sweep.sweep import Sweep, read_sweep

import zoo

pytestmark = pytest.mark.one_backend

RATES = "optimizers.generator.learning_rate"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials in this process, which saves the seconds in which each would import its backend."""
    monkeypatch.setattr(
        running, "_work", lambda sweep, given, stops: worker.main(sweep.path, *given)
    )


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "sweep.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.usefixtures("in_process")
def test_every_combination_is_a_run_and_the_best_comes_first(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    words = ("sweep", tiny_recipe, f"{RATES}=1e-4,0.02", "training.epochs=1,2", "training.seed=5")
    done = zoo_command(*words)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "sweeps" / "tiny"
    rows = table(folder)
    assert {(row[RATES], row["training.epochs"]) for row in rows} == {
        (rate, epochs) for rate in ("1e-4", "0.02") for epochs in ("1", "2")
    }
    figures = [float(row["val_psnr"]) for row in rows]
    assert figures == sorted(figures, reverse=True)
    for row in rows:
        run = zoo.load_run(folder / row["run"])
        assert row["state"] == "done"
        assert row["epochs"] == row["training.epochs"] == str(run.metrics["epochs"])
        assert run.recipe["training"]["seed"] == 5
        assert run.recipe["optimizers"]["generator"]["learning_rate"] == float(row[RATES])
        assert "callbacks: []" in (run.path / "recipe.yaml").read_text()
        best = max(run.history, key=lambda epoch: epoch["val_psnr"])
        assert float(row["val_psnr"]) == pytest.approx(best["val_psnr"], rel=1e-6)
        assert int(row["epoch"]) == best["epoch"]
    lines = done.stdout.splitlines()
    assert lines[0] == f"sweep sweeps/tiny: 4 trials of {RATES}, training.epochs"
    start = next(number for number, line in enumerate(lines) if line.startswith("trial  val_psnr"))
    assert lines[start].split() == [
        *("trial", "val_psnr", "epoch", "state", "learning_rate", "epochs", "run")
    ]
    assert [line.split()[0] for line in lines[start + 1 : start + 5]] == [
        row["trial"] for row in rows
    ]
    assert lines[-3:-1] == [
        "table sweeps/tiny/sweep.csv",
        "comparison sweeps/tiny/compare.html",
    ]
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert all(row["run"] in page for row in rows)
    assert lines[-1] == f"best: sweeps/tiny/{rows[0]['run']}"
    # The same again finds nothing to do; another one does not fit into the folder.
    before = sorted(folder.iterdir())
    again = zoo_command(*words)
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] == lines[-1]
    assert sorted(folder.iterdir()) == before
    other = zoo_command("sweep", tiny_recipe, f"{RATES}=1e-4,0.03", "--mode", "min")
    assert other.returncode == 2
    assert other.stderr == (
        "zoo: sweeps/tiny holds another sweep: it differs in the keys and values, mode; go on with it by "
        "'zoo sweep --join sweeps/tiny', or give this one another folder by --out\n"
    )


@pytest.mark.usefixtures("in_process")
def test_a_trial_that_does_worse_ends_early(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    done = zoo_command(
        *("sweep", tiny_recipe, f"{RATES}=0.01,0.011,0.012,1e-9", "training.epochs=4"),
        *("generator.filters=2", "--monitor", "generator_l1", "--mode", "min"),
        *("--pruner", "median", "--out", "sweep"),
    )
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "sweep")
    assert [row["state"] for row in rows] == ["done", "done", "done", "ended early"]
    assert rows[-1][RATES] == "1e-9"
    assert rows[-1]["epochs"] == "3"
    assert "ended early after epoch 3" in done.stdout
    assert zoo.load_run(tmp_path / "sweep" / rows[-1]["run"]).metrics["epochs"] == 3


@pytest.mark.usefixtures("in_process")
@pytest.mark.slow
def test_a_sampler_draws_from_ranges_and_a_failed_trial_is_told(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    words = (
        *("sweep", tiny_recipe, f"{RATES}=1e-4:1e-2:log", "generator.filters=1:3"),
        *("training.epochs=1", "--trials", "3", "--seed", "7"),
    )
    done = zoo_command(*words)
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "sweeps" / "tiny")
    assert len(rows) == 3
    assert all(1e-4 <= float(row[RATES]) <= 1e-2 for row in rows)
    assert {row["generator.filters"] for row in rows} <= {"1", "2", "3"}
    # The same seed draws the same, whoever draws.
    again = zoo_command(*words, "--out", "again")
    assert again.returncode == 0
    drawn = [
        {(row["trial"], row[RATES]) for row in table(tmp_path / path)}
        for path in ("sweeps/tiny", "again")
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.usefixtures("in_process")
def test_a_trial_that_fails_is_told_and_the_next_one_trained(
    zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    # A U-Net of six halvings takes no pictures of 16 px; which only its assembly shows.
    done = zoo_command("sweep", tiny_recipe, "generator.depth=6,3", "training.epochs=1")
    assert done.returncode == 0, done.stderr
    good, bad = table(tmp_path / "sweeps" / "tiny")
    assert (good["state"], good["generator.depth"]) == ("done", "3")
    assert (bad["state"], bad["val_psnr"], bad["run"]) == ("failed", "", "")
    assert "generator" in bad["error"]
    assert "trial 0 failed: " in done.stdout


REFUSED = {
    ("training.epoch=1,2",): "zoo: 2 problems in the sweep of tiny, nothing was trained:\n"
    "  command line: training.epoch=1: unknown key 'epoch'; expected batch_size, deterministic, epochs, precision, "
    "seed or workers. Did you mean 'epochs'?\n"
    "  command line: training.epoch=2: unknown key 'epoch'; expected batch_size, deterministic, epochs, precision, "
    "seed or workers. Did you mean 'epochs'?\n",
    (
        "training.epochs=1,0",
        "training.batch_size=1,2",
    ): "zoo: 1 problem in the sweep of tiny, nothing was trained:\n"
    "  command line: training.epochs=0: expected a value of at least 1, got 0\n",
    (
        f"{RATES}=1e-4:2000",
        "--trials",
        "3",
    ): "zoo: 1 problem in the sweep of tiny, nothing was trained:\n"
    f"  command line: {RATES}=2000: expected a value of at most 1000.0, got 2000\n",
    (
        f"{RATES}=1e-4:1e-2",
    ): f"zoo: {RATES} has a range, not a list; say by --trials how many values to try\n",
    (
        f"{RATES}=1e-4,1e-3",
        "--monitor",
        "val_pnsr",
    ): "zoo: --monitor val_pnsr: no metric gives that figure; the "
    "recipe measures val_l1, val_psnr. Did you mean 'val_psnr'?\n",
    (
        f"{RATES}=1e-4,1e-3",
        "--monitor",
        "generator_l1",
    ): "zoo: nobody says whether a higher or a lower generator_l1 is "
    "better; give --mode min or --mode max\n",
    ("--join", "."): "zoo: --join takes the recipe and the values of the sweep; leave them out\n",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_wrong_is_told_before_anything_is_trained(
    words: tuple[str, ...], zoo_command: Zoo, tiny_recipe: Path, tmp_path: Path
) -> None:
    done = zoo_command("sweep", tiny_recipe, *words)
    assert done.returncode == 2
    assert done.stderr == REFUSED[words]
    assert not (tmp_path / "sweeps").exists()


def test_what_is_no_sweep_is_not_joined(zoo_command: Zoo, tmp_path: Path) -> None:
    done = zoo_command("sweep", "--join", tmp_path)
    assert done.stderr == (
        f"zoo: {tmp_path} is no sweep: it holds no sweep.json; 'zoo sweep RECIPE key=a,b' begins one\n"
    )
    (tmp_path / "sweep.json").write_text('{"format": 2}')
    (tmp_path / "base.json").write_text("{}")
    done = zoo_command("sweep", "--join", tmp_path)
    assert done.stderr == f"zoo: {tmp_path / 'sweep.json'} is not what 'zoo sweep' wrote\n"
    done = zoo_command("sweep")
    assert "Missing argument 'RECIPE', or --join SWEEP." in done.stderr


@pytest.mark.usefixtures("in_process")
def test_a_figure_that_is_never_measured_ends_the_sweep(
    zoo_command: Zoo, tiny_recipe: Path
) -> None:
    done = zoo_command(
        *("sweep", tiny_recipe, f"{RATES}=1e-4,1e-3", "--monitor", "generator_l2", "--mode", "min")
    )
    assert done.returncode == 2
    assert (
        "--monitor generator_l2: the figures of this training are discriminator_fake" in done.stderr
    )
    assert "Did you mean 'generator_l1'?" in done.stderr
    assert done.stderr.endswith("zoo: the sweep ends here, as every other trial would\n")
    assert done.stdout.count("trial ") == 1


def begun(tmp_path: Path, tiny_recipe: Path) -> Sweep:
    """A sweep of two trials in its folder, none of them begun."""
    from zoo_sweep.space import parse_values

    base = zoo.load_recipe(tiny_recipe).document.data
    space = tuple(parse_values([f"{RATES}=1e-4,1e-3"]))
    sweep = Sweep(tmp_path / "s", "tiny", base, space, 0, "val_psnr", "max", "none", "tpe", 0)
    sweep.write()
    return sweep


def test_a_trial_has_one_process_and_a_killed_one_is_taken_first(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    sweep = begun(tmp_path, tiny_recipe)
    study = open_study(sweep)
    first, second = take(sweep, study), take(sweep, open_study(sweep))
    assert first is not None
    assert second is not None
    assert [taken.chosen[RATES] for taken in (first, second)] == ["1e-4", "1e-3"]
    assert take(sweep, study) is None
    second.lock.release()  # as the end of its process does
    for _ in range(3):
        again = take(sweep, open_study(sweep))
        assert again is not None
        assert (again.trial.number, again.chosen) == (1, {RATES: "1e-3"})
        again.trial.set_user_attr("starts", [*again.trial.user_attrs.get("starts", []), 0])
        again.lock.release()
    # Killed three times before it came any further.
    assert take(sweep, study) is None
    assert [trial.state.name for trial in study.trials] == ["RUNNING", "FAIL"]


def test_the_best_epoch_is_the_first_of_the_best() -> None:
    figures = {1: 2.0, 2: float("nan"), 3: 5.0, 4: 5.0, 5: 1.0}
    assert best_epoch(figures, "max") == 3
    assert best_epoch(figures, "min") == 5


def test_settings_are_read_as_they_were_written(tmp_path: Path, tiny_recipe: Path) -> None:
    sweep = begun(tmp_path, tiny_recipe)
    assert read_sweep(sweep.path) == sweep


def start(*words: object, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "zoo"), *map(str, words)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_until(true: Any, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


EPOCHS = 20
QUICK = ("generator.filters=2", "evaluation.samples=0", f"training.epochs={EPOCHS}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The table of a sweep that was never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    recipe = write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))
    process = start("sweep", recipe, f"{RATES}=1e-4,0.01", *QUICK, cwd=folder)
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0, out
    return table(folder / "sweeps" / "tiny")


@pytest.mark.slow
@pytest.mark.parametrize("killed_by", ["SIGKILL", "SIGINT", "all"])
def test_a_sweep_that_was_killed_goes_on_as_one_that_was_not(
    killed_by: str, whole: list[dict[str, str]], tiny_recipe: Path, tmp_path: Path
) -> None:
    words = ("sweep", tiny_recipe, f"{RATES}=1e-4,0.01", *QUICK)
    process = start(*words, cwd=tmp_path)
    folder = tmp_path / "sweeps" / "tiny"
    # In the middle of the second trial.
    wait_until(
        lambda: any(
            len(file.read_text().splitlines()) > 3
            for file in folder.glob("tiny-0001-*/history.csv")
        )
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGINT if killed_by == "SIGINT" else signal.SIGKILL)
    if killed_by == "all":
        for child in children:
            os.kill(int(child), signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    if killed_by == "SIGINT":
        assert process.returncode == 130, out
        assert "go on with: zoo sweep --join sweeps/tiny" in out
    (broken,) = folder.glob("tiny-0001-*")
    assert len(zoo.Run(broken).history) < EPOCHS
    again = start(*words, cwd=tmp_path)
    out, _ = again.communicate(timeout=600)
    assert again.returncode == 0, out
    assert "Traceback" not in out
    assert f"goes on in {broken.name}" in out
    assert len(list(folder.glob("tiny-*"))) == 2
    rows = table(folder)
    assert [row["state"] for row in rows] == ["done", "done"]
    assert {row["epochs"] for row in rows} == {str(EPOCHS)}
    for row, other in zip(rows, whole, strict=True):
        same = ("trial", "val_psnr", "epoch", RATES)
        assert [row[name] for name in same] == [other[name] for name in same]


@pytest.mark.slow
def test_two_processes_share_a_sweep(tiny_recipe: Path, tmp_path: Path) -> None:
    words = ("sweep", tiny_recipe, f"{RATES}=1e-4,1e-3,1e-2,0.1", *QUICK)
    first = start(*words, cwd=tmp_path)
    folder = tmp_path / "sweeps" / "tiny"
    wait_until(lambda: (folder / "study.journal").is_file())
    second = start("sweep", "--join", folder, cwd=tmp_path)
    told = [process.communicate(timeout=600)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], told
    rows = table(folder)
    assert sorted(row["trial"] for row in rows) == ["0", "1", "2", "3"]
    assert len(list(folder.glob("tiny-*"))) == 4
    begun = [text.count("\ntrial ") for text in told]
    assert min(begun) > 0
    assert json.loads((folder / "sweep.json").read_text())["recipe"] == "tiny"
