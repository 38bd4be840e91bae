"""A recipe from start to end: the run directory, translating, stopping, resuming, repeating exactly."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from tiny_files import write_pairs, write_recipe

import zoo
from zoo.errors import ZooError
from zoo.training.train import resume, train


def quiet(line: str) -> None:
    del line


def weights(model: keras.Model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in model.variables]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def history(run: zoo.Run) -> list[dict[str, str]]:
    with (run.path / "history.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_run_holds_everything(tiny_recipe: Path, tmp_path: Path) -> None:
    said: list[str] = []
    run = train(tiny_recipe, root=tmp_path / "runs", say=said.append)
    assert run.path.parent == tmp_path / "runs"
    assert run.path.name.startswith("tiny-2")
    files = {str(path.relative_to(run.path)) for path in run.path.rglob("*") if path.is_file()}
    assert files == {
        "recipe.yaml",
        "environment.json",
        "pictures.json",
        "generator.keras",
        "checkpoints/last.keras",
        "checkpoints/best.keras",
        "history.csv",
        "metrics.json",
        "curves.png",
        "report.html",
        "samples/epoch-0000.png",
        "samples/epoch-0001.png",
        "samples/epoch-0002.png",
        "evaluation/figures.json",
        "evaluation/pictures.csv",
        *(
            f"evaluation/examples/{number:04d}-{side}.png"
            for number in (1, 2)
            for side in ("source", "target", "translated", "difference")
        ),
        *(
            f"examples/{part}/{side}-{number:04d}.png"
            for part, count in (("held_out", 2), ("training", 4))
            for side in ("source", "target")
            for number in range(1, count + 1)
        ),
    }
    figures = run.metrics
    assert (figures["epochs"], figures["steps"], figures["status"]) == (2, 4, "completed")
    assert figures["images_per_second"] > 0
    assert figures["seconds"] > 0
    # TensorFlow alone takes more than 100 MB, and no machine that tests has 100 GB.
    assert 1e8 < figures["peak_memory_bytes"] < 1e11
    rows = history(run)
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "2"), ("2", "4")]
    # The figures are those of the last weights on all held-out pictures, and they are told and shown.
    assert float(rows[-1]["val_psnr"]) == pytest.approx(figures["psnr"], abs=1e-4)
    assert f"psnr {figures['psnr']:.4g}" in " ".join(said)
    assert f"{figures['psnr']:.2f}" in (run.path / "report.html").read_text()
    assert (
        zoo.load_recipe(run.path / "recipe.yaml").resolved()
        == zoo.load_recipe(tiny_recipe).resolved()
    )
    assert (
        json.loads((run.path / "environment.json").read_text())["backend"]
        == keras.backend.backend()
    )


def test_figures_are_what_translating_the_held_out_pictures_gives(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    run = zoo.load_run(train(tiny_recipe, root=tmp_path, say=quiet).path)
    test = zoo.assemble(zoo.load_recipe(tiny_recipe)).dataset.test
    l1, psnr = [], []
    for index in range(len(test)):
        example = test.example(index, None)
        translated = run(example["source"])
        assert isinstance(translated, np.ndarray)
        difference = translated - example["target"]
        l1.append(np.abs(difference).mean())
        psnr.append(10 * np.log10(4 / np.square(difference).mean()))
    assert run.metrics["l1"] == pytest.approx(np.mean(l1), abs=1e-5)
    assert run.metrics["psnr"] == pytest.approx(np.mean(psnr), abs=1e-3)


@pytest.mark.parametrize("inference", [(False, "running"), (True, "picture")])
def test_the_choice_about_inference_is_followed_by_the_saved_generator(
    inference: tuple[bool, str], tiny_recipe: Path, tmp_path: Path
) -> None:
    dropout, statistics = inference
    experiment = zoo.assemble(
        zoo.load_recipe(
            tiny_recipe,
            f"inference.dropout={str(dropout).lower()}",
            f"inference.statistics={statistics}",
            "generator.depth=4",
        )
    )
    source = experiment.test_data[0]["source"]
    path = tmp_path / "generator.keras"
    experiment.model.inference_network.save(path)
    from zoo.runs.run import load_network

    loaded = load_network(path)
    first = loaded.predict_on_batch(source)
    if not dropout:
        assert np.array_equal(first, experiment.model.predict_on_batch(source))
        assert np.array_equal(first, loaded.predict_on_batch(source))


@pytest.fixture
def deterministic_for_one_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undoes what is otherwise for the rest of the process, so that the order of tests changes nothing."""
    monkeypatch.setenv("XLA_FLAGS", os.environ.get("XLA_FLAGS", ""))
    yield
    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.framework.config import disable_op_determinism

        disable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(False)


@pytest.mark.usefixtures("deterministic_for_one_test")
@pytest.mark.parametrize("deterministic", [False, True])
def test_the_same_recipe_and_seed_give_the_same_weights_bit_for_bit(
    deterministic: bool, tiny_recipe: Path
) -> None:
    trained = []
    for _ in range(2):
        recipe = zoo.load_recipe(
            tiny_recipe, f"training.deterministic={str(deterministic).lower()}"
        )
        experiment = zoo.assemble(recipe)
        experiment.model.fit(experiment.train_data, epochs=2, shuffle=False, verbose=0)
        trained.append(weights(experiment.model))
    assert same(*trained)
    other = zoo.assemble(zoo.load_recipe(tiny_recipe, "training.seed=4"))
    assert not same(trained[0], weights(other.model))


def test_python_trains_an_ordinary_keras_model(tiny_recipe: Path) -> None:
    experiment = zoo.assemble(zoo.load_recipe(tiny_recipe))
    assert isinstance(experiment.model, keras.Model)
    seen = experiment.model.fit(
        experiment.train_data, epochs=2, validation_data=experiment.test_data, verbose=0
    )
    assert set(seen.history) == {
        "generator_adversarial",
        "generator_l1",
        "discriminator_real",
        "discriminator_fake",
        "val_l1",
        "val_psnr",
    }
    assert all(len(values) == 2 and np.all(np.isfinite(values)) for values in seen.history.values())


def stop_after(batches: int) -> keras.callbacks.Callback:
    class Stop(keras.callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch, logs=None):
            self.seen += 1
            if self.seen == batches:
                os.kill(os.getpid(), signal.SIGINT)

    return Stop()


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory: pytest.TempPathFactory) -> zoo.Run:
    folder = tmp_path_factory.mktemp("whole")
    recipe = write_recipe(folder / "tiny.yaml", write_pairs(folder / "pairs"))
    return train(recipe, root=folder, say=quiet)


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_stopped_run_is_usable_and_resumes_exactly(
    batches: int,
    never_stopped: zoo.Run,
    tiny_recipe: Path,
    tmp_path: Path,
) -> None:
    run = train(tiny_recipe, root=tmp_path / "stopped", callbacks=[stop_after(batches)], say=quiet)
    assert run.metrics["status"] == "stopped"
    assert run.metrics["steps"] == batches
    assert (run.path / "report.html").is_file()
    assert isinstance(zoo.load_run(run.path)(np.zeros((20, 30, 3), np.uint8)), np.ndarray)
    resumed = resume(run.path, say=quiet)
    assert resumed.metrics["status"] == "completed"
    assert resumed.metrics["steps"] == 4
    assert same(
        weights(zoo.load_run(never_stopped.path).generator),
        weights(zoo.load_run(run.path).generator),
    )
    assert history(resumed)[-1]["epoch"] == "2"
    with pytest.raises(ZooError, match="has already trained 2 epochs and lacks nothing"):
        resume(run.path, say=quiet)


@pytest.mark.one_backend
def test_ctrl_c_on_the_command_line_leaves_a_usable_run(tiny_recipe: Path, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).parent / "zoo"),
        "train",
        "tiny.yaml",
        "training.epochs=5000",
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 50
    while not list(tmp_path.glob("runs/*/checkpoints/last.keras")) and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=50)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert "SIGINT: stopping here" in err
    assert "held-out pictures (2): l1" in out
    (run,) = zoo.runs.run.list_runs(tmp_path / "runs")
    assert run.metrics["status"] == "stopped"
    assert run.metrics["epochs"] < 5000


@pytest.mark.one_backend
def test_translate_keeps_name_and_size_of_every_picture(
    zoo_command, tiny_recipe: Path, tmp_path: Path
) -> None:
    run = train(tiny_recipe, root=tmp_path / "runs", say=quiet)
    folder = tmp_path / "pictures"
    folder.mkdir()
    sizes = {"wide": (61, 17), "small": (5, 3), "exact": (16, 16), "large": (100, 130)}
    for name, (width, height) in sizes.items():
        Image.fromarray(np.full((height, width, 3), 90, np.uint8)).save(folder / f"{name}.jpg")
    done = zoo_command("translate", run.path, "pictures", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(sizes)
    # Python and the command line paint the same.
    opened = zoo.load_run(run.path)
    for name, size in sizes.items():
        with Image.open(folder / f"{name}.jpg") as source:
            translated = opened(source)
        with Image.open(tmp_path / "out" / f"{name}.png") as written:
            assert written.size == size
            assert np.array_equal(np.asarray(translated), np.asarray(written))


def test_load_run_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "earth-1").mkdir(parents=True)
    (tmp_path / "runs" / "earth-1" / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    with pytest.raises(
        ZooError, match=r"^the run runs/eart-1 does not exist; .* Did you mean 'earth-1'\?$"
    ):
        zoo.load_run("runs/eart-1")
    with pytest.raises(ZooError, match=r"^runs is not a run: it holds no recipe\.yaml$"):
        zoo.load_run("runs")
    assert zoo.load_run("earth").path == Path("runs/earth-1")
    with pytest.raises(
        ZooError, match=r"generator\.keras does not exist; the run has not saved a generator yet$"
    ):
        _ = zoo.load_run("earth").generator


def test_a_training_that_diverges_says_so_and_keeps_what_was_good(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        ZooError, match=r"became NaN in step \d of epoch \d: training has diverged; try a lower"
    ):
        train(
            tiny_recipe,
            "optimizers.generator.name=sgd",
            "losses.reconstruction.0.weight=1e38",
            "training.epochs=5",
            root=tmp_path,
            say=quiet,
        )
    (run,) = zoo.runs.run.list_runs(tmp_path)
    assert run.metrics["status"] == "failed"
    assert "failed: training diverged" in (run.path / "report.html").read_text()


def test_a_recipe_without_metrics_trains(tiny_recipe: Path, tmp_path: Path) -> None:
    run = train(tiny_recipe, "evaluation.metrics=[]", root=tmp_path, say=quiet)
    assert run.metrics["status"] == "completed"
    assert not any(name.startswith("val_") for name in history(run)[-1])


def test_a_loss_that_is_named_twice_is_logged_twice(tiny_recipe: Path, tmp_path: Path) -> None:
    losses = "[{name: l1, weight: 10}, {name: keras.losses.LogCosh}, {name: l1, weight: 20}]"
    run = train(tiny_recipe, f"losses.reconstruction={losses}", root=tmp_path, say=quiet)
    logs = {name: float(value) for name, value in history(run)[0].items() if "generator" in name}
    assert set(logs) == {f"generator_{name}" for name in ("adversarial", "l1", "l1_2", "LogCosh")}
    assert logs["generator_l1_2"] == pytest.approx(2 * logs["generator_l1"], rel=1e-5)


def test_a_plateau_lowers_the_rates_and_is_checked_before_training(
    tiny_recipe: Path, tmp_path: Path, capsys
) -> None:
    plateau = ["schedule.name=plateau", "schedule.patience=0", "schedule.threshold=0.9"]
    run = train(tiny_recipe, *plateau, "training.epochs=4", root=tmp_path, say=quiet)
    told = [line for line in capsys.readouterr().err.splitlines() if "learning rates" in line]
    assert told[0].startswith(
        "learning rates from epoch 3 on: generator 4.000e-05, before 2.000e-04"
    )
    model = keras.models.load_model(run.path / "checkpoints" / "last.keras")
    for optimizer in model.optimizer.players.values():
        assert float(optimizer.learning_rate) == pytest.approx(2e-4 * 0.2**2)
    with pytest.raises(ZooError, match="the schedule watches 'val_lpips', but the figures of this"):
        zoo.assemble(zoo.load_recipe(tiny_recipe, *plateau, "schedule.monitor=val_lpips"))


def test_the_critics_schedule_counts_its_own_updates(tiny_recipe: Path) -> None:
    experiment = zoo.assemble(
        zoo.load_recipe(
            tiny_recipe,
            "model.discriminator_steps=2",
            "training.batch_size=1",
            "training.epochs=4",
            "schedule.name=linear_decay",
        )
    )
    assert len(experiment.train_data) == 2
    optimizers = experiment.model.optimizer.players
    for player, updates in (("generator", 2), ("discriminator", 4)):
        course = optimizers[player]._learning_rate
        rates = [float(course(updates * epoch)) for epoch in range(4)]
        assert rates == pytest.approx([2e-4, 2e-4, 2e-4 * 2 / 3, 2e-4 / 3])
