"""Callbacks that a recipe names: Keras's own and a plugin's, where they write, and which are refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import zoo
from zoo.recipe.problems import RecipeError
from zoo.training.train import resume

PLUGIN = """
import json
from pathlib import Path

import keras
import zoo


class Notes(keras.callbacks.Callback):
    def __init__(self, file: zoo.RunPath = "notes/epochs.txt", sign: str = "+") -> None:
        '''Write a sign for each epoch.

        Args:
            file: where to.
            sign: what.
        '''
        super().__init__()
        self.file = Path(file)
        self.sign = sign

    def on_epoch_end(self, epoch, logs=None):
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(f"{self.sign * (epoch + 1)}")


@zoo.hookimpl
def register_callbacks(register):
    register("notes", Notes, summary="a sign for each epoch")
    register("nothing", lambda: None, summary="no callback")
"""


def overridden(callbacks: str) -> str:
    return f"callbacks=[{callbacks}]"


def told(recipe: Path, callbacks: str, host: zoo.Host | None = None) -> list[str]:
    override = overridden(callbacks)
    with pytest.raises(RecipeError) as caught:
        zoo.assemble(zoo.load_recipe(recipe, override, host=host, strict=False))
    return [
        str(problem).replace(f"command line: {override}: ", "") for problem in caught.value.problems
    ]


def test_keras_callbacks_by_name_stop_and_write_in_the_run(
    tiny_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    callbacks = overridden(
        "{name: keras.callbacks.EarlyStopping, monitor: val_l1, patience: 0, min_delta: 9.0},"
        "{name: keras.callbacks.CSVLogger, filename: logs.csv},"
        "{name: keras.callbacks.ModelCheckpoint, filepath: 'kept-{epoch:02d}.keras'}"
    )
    recipe = zoo.load_recipe(tiny_recipe, callbacks, "training.epochs=4")
    run = zoo.train(recipe, root=tmp_path / "runs", say=lambda text: None)
    # The first epoch sets the mark, the second does not beat it by nine.
    assert run.metrics["epochs"] == 2
    assert run.metrics["status"] == "stopped"
    with (run.path / "logs.csv").open(newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 2
    assert sorted(path.name for path in run.path.glob("kept-*")) == [
        "kept-01.keras",
        "kept-02.keras",
    ]
    assert not list(tmp_path.glob("*.csv"))
    # What was stopped goes on; Keras's callback counts anew.
    again = resume(run.path, say=lambda text: None)
    assert again.metrics["epochs"] == 4


def test_a_plugin_has_callbacks_by_its_hook(tiny_recipe: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "notes_of_this_test.py"
    plugin.write_text(PLUGIN)
    host = zoo.load_host(str(plugin))
    assert host.problems == []
    recipe = zoo.load_recipe(tiny_recipe, overridden("{name: notes, sign: '*'}"), host=host)
    run = zoo.train(recipe, root=tmp_path / "runs", say=lambda text: None)
    assert (run.path / "notes" / "epochs.txt").read_text() == "**"
    assert "file: notes/epochs.txt" in (run.path / "recipe.yaml").read_text()
    assert told(tiny_recipe, "{name: nothing}", host) == [
        "callbacks.0: nothing makes an object of type NoneType; expected a keras.callbacks.Callback"
    ]


REFUSED = {
    "{name: keras.callbacks.EarlyStopping, monitor: val_l2}": "callbacks.0.monitor: the callback watches 'val_l2', but "
    "the figures of this training are discriminator_fake, discriminator_real, generator_adversarial, generator_l1, "
    "val_l1, val_psnr. Did you mean 'val_l1'?",
    "{name: keras.callbacks.EarlyStopping, monitor: generator_l1}": "callbacks.0.mode: nobody says whether a higher "
    "or a lower 'generator_l1' is better; set mode to min or max",
    "{name: keras.callbacks.CSVLogger, filename: /tmp/a.csv}": "callbacks.0.filename: '/tmp/a.csv' leads out of the "
    "run directory; expected a path within it, such as logs/figures.csv",
    "{name: keras.callbacks.TensorBoard, log_dir: a/../../b}": "callbacks.0.log_dir: 'a/../../b' leads out of the run "
    "directory; expected a path within it, such as logs/figures.csv",
    "{name: keras.callbacks.LearningRateScheduler}": "callbacks.0.name: keras.callbacks.LearningRateScheduler takes a "
    "function; use the section schedule",
    "{name: keras.callbacks.BackupAndRestore, backup_dir: x}": "callbacks.0.name: keras.callbacks.BackupAndRestore "
    "takes the place of a run's own checkpoints; 'zoo resume' goes on from these",
    "{name: keras.callbacks.EarlyStoping}": "callbacks.0.name: keras.callbacks has no callback 'EarlyStoping' that a "
    "recipe can use. Did you mean 'EarlyStopping'?",
    "{name: keras.callbacks.EarlyStopping, patience: -1}": "callbacks.0.patience: expected a value of at "
    "least 0, got -1",
    "{name: early_stopping}": "callbacks.0.name: there is no callback 'early_stopping'; there is mlflow, "
    "tensorboard, wandb.",
    "{name: keras.callbacks.RemoteMonitor}": "callbacks.0.name: keras.callbacks.RemoteMonitor sends figures by itself; "
    "use a tracker, one of 'zoo list callbacks', or write a plugin with the hook register_callbacks",
}


@pytest.mark.one_backend
@pytest.mark.parametrize("callbacks", REFUSED)
def test_what_cannot_work_is_refused(callbacks: str, tiny_recipe: Path) -> None:
    assert told(tiny_recipe, callbacks) == [REFUSED[callbacks]]


@pytest.mark.one_backend
def test_a_library_that_a_callback_needs_is_named(
    tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert told(tiny_recipe, "{name: keras.callbacks.TensorBoard, log_dir: logs}") == [
        "callbacks.0: the callback keras.callbacks.TensorBoard needs the library tensorboard, which is not installed; "
        "install it with: pip install 'tensorboard'"
    ]
