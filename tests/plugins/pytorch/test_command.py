"""`zoo import`: a PyTorch checkpoint becomes a Keras file and a run that other commands take."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image
from reference import GOLDEN, below, golden

import zoo
from zoo.cli.main import main
from zoo.models.inference import LastingDropout, PictureNormalization

torch = pytest.importorskip("torch")

UNET = GOLDEN / "unet_128_net_G.pth"
RESNET = GOLDEN / "resnet_9blocks_net_G.pth"


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def discriminator(here) -> Path:
    weights = below(golden("discriminator_basic_instance"), "weights")
    path = here / "latest_net_D.pth"
    torch.save({name: torch.from_numpy(value) for name, value in weights.items()}, path)
    return path


def command(*words: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, words)])
    return int(stopped.value.code or 0)


def call(*arguments: object) -> int:
    return command("import", *arguments)


def only_run(folder: Path) -> zoo.Run:
    (path,) = (folder / "runs").iterdir()
    return zoo.load_run(path)


def test_a_generator_becomes_a_file_and_a_run_that_translates(zoo_command, tmp_path: Path) -> None:
    import originals

    network = originals.ResNet(3, 3, 1, 2, "instance", False, "reflect")
    torch.save(torch.nn.DataParallel(network).state_dict(), tmp_path / "latest_net_G.pth")
    done = zoo_command("import", "latest_net_G.pth", "--size", 32, "--out", "made/model.keras")
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path)
    shown = Path("runs", run.path.name)
    assert done.stdout.splitlines() == [
        "latest_net_G.pth: resnet (blocks 1, filters 2, norm instance, dropout 0.0, padding reflect), "
        "3 to 3 channels",
        "wrote made/model.keras",
        f"run {shown}",
        f"translate pictures with: zoo translate {shown} PICTURE_OR_FOLDER --out translated",
    ]
    assert re.fullmatch(r"latest_net_G-\d{8}-\d{6}", run.path.name)
    Image.new("RGB", (50, 40), (200, 30, 30)).save(tmp_path / "red.png")
    done = zoo_command("translate", shown, "red.png", "--out", "translated")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "translated" / "red.png") as picture:
        assert picture.size == (50, 40)


def test_statistics_that_nothing_uses_are_told(here: Path, capsys) -> None:
    state = torch.load(RESNET, weights_only=True)
    for value in ("running_mean", "running_var"):
        state[f"model.2.{value}"] = torch.ones(3)
    torch.save(state, here / "old.pth")
    assert call("old.pth", "--size", 16, "--out", "old.keras") == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "its running statistics of instance norm are left out, as the original leaves them out: "
        "each picture is normalised by its own"
    )


def test_other_commands_know_that_a_run_was_imported(here: Path, capsys) -> None:
    assert call(RESNET, "--size", 16) == 0
    (path,) = Path("runs").iterdir()
    capsys.readouterr()
    assert command("runs") == 0
    assert f"{path}  imported" in capsys.readouterr().out
    assert command("resume", path) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"zoo: {path} ")
    assert told.count("\n") == 1


def test_a_run_says_where_it_came_from(here: Path) -> None:
    assert call(RESNET, "--size", 64) == 0
    run = only_run(here)
    assert run.metrics == {
        "status": "imported",
        "imported_from": {
            "file": "resnet_9blocks_net_G.pth",
            "sha256": hashlib.sha256(RESNET.read_bytes()).hexdigest(),
        },
    }
    assert run.recipe == {
        "generator": {
            "name": "resnet",
            "blocks": 9,
            "filters": 3,
            "norm": "instance",
            "dropout": 0.0,
            "padding": "reflect",
            "upsampling": "transposed",
            "init": "normal",
        },
        "inference": {"dropout": False, "statistics": "running", "ema": 0.0},
    }
    assert run.generator.input_shape == (None, 64, 64, 3)
    folders = [str(GOLDEN), str(GOLDEN.parent)]
    for file in run.path.glob("*.*"):
        text = file.read_text(errors="ignore")
        assert not any(folder in text for folder in folders), file
    assert (run.path / "report.html").is_file()
    assert json.loads((run.path / "environment.json").read_text())["backend"]


def test_the_choice_about_inference_is_in_every_file(here: Path) -> None:
    assert call(UNET, "--dropout", "--statistics", "picture", "--out", "model.keras") == 0
    run = only_run(here)
    assert run.recipe["inference"] == {"dropout": True, "statistics": "picture", "ema": 0.0}
    for network in (run.generator, keras.models.load_model("model.keras")):
        kinds = {type(layer) for layer in network.layers}
        assert {LastingDropout, PictureNormalization} < kinds
        assert keras.layers.BatchNormalization not in kinds


def test_a_discriminator_becomes_a_file(here: Path, discriminator: Path, capsys) -> None:
    assert call(discriminator, "--discriminator", "--size", 128, "--out", "judge.keras") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{discriminator}: patchgan (layers 3, filters 2, norm instance), 6 to 1 channels",
        "wrote judge.keras",
    ]
    assert not (here / "runs").exists()
    arrays = golden("discriminator_basic_instance")
    pair = np.moveaxis(arrays["input"].astype("float32"), 1, -1)
    logits = keras.models.load_model("judge.keras").predict(pair, verbose=0)
    expected = np.moveaxis(arrays["output_inference"], 1, -1)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)


MISTAKES: dict[str, tuple[list[Any], str]] = {
    "a discriminator without the flag": (
        ["latest_net_D.pth"],
        "latest_net_D.pth holds a discriminator, patchgan (layers 3, filters 2, norm instance), 6 to 1 channels; "
        "import it with --discriminator --out NAME.keras",
    ),
    "a generator with the flag": (
        [RESNET, "--discriminator", "--out", "new.keras"],
        f"{RESNET} holds a generator, resnet (blocks 9, filters 3, norm instance, dropout 0.0, padding reflect), "
        "3 to 3 channels; leave --discriminator out",
    ),
    "a discriminator without a file": (
        ["latest_net_D.pth", "--discriminator"],
        "a discriminator becomes no run; name a file for it with --out NAME.keras",
    ),
    "another ending": (
        [UNET, "--out", "model.h5"],
        "cannot write model.h5: the name of a Keras network ends in .keras",
    ),
    "a file that is there": (
        [UNET, "--out", "there.keras"],
        "there.keras exists already; choose another name, or --force to replace it",
    ),
    "a folder in the way": (
        [RESNET, "--size", 16, "--out", "there.keras/model.keras"],
        "cannot write to there.keras: File exists",
    ),
    "no dropout": (
        [RESNET, "--size", 16, "--dropout"],
        f"{RESNET} was trained without dropout; leave --dropout out",
    ),
    "a size that does not fit": (
        [UNET, "--size", 100],
        f"{UNET}: a U-Net of depth 7 needs height and width divisible by 128, "
        "but the pictures are 100 x 100; choose another size",
    ),
    "no file": (["none.pth"], "the file none.pth does not exist"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_with_one_sentence(mistake, here, discriminator, capsys) -> None:
    (here / "there.keras").write_text("mine")
    arguments, message = MISTAKES[mistake]
    assert call(*arguments) == 2
    assert capsys.readouterr().err == f"zoo: {message}\n"
    assert not (here / "runs").exists()
    assert (here / "there.keras").read_text() == "mine"


def test_force_replaces_a_file(here: Path) -> None:
    (here / "there.keras").write_text("mine")
    assert call(RESNET, "--size", 16, "--out", "there.keras", "--force") == 0
    assert keras.models.load_model("there.keras").input_shape == (None, 16, 16, 3)
    assert [path.name for path in here.glob(".*")] == []
