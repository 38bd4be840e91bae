"""The command `zoo translate`."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from zoo.export.opened import ABOUT
from zoo.pictures import RGB, read_array
from zoo.runs.files import RECIPE

SIDE = 16


@pytest.fixture
def run(tmp_path):
    """A run whose network turns pictures to their negatives."""
    path = tmp_path / "run"
    path.mkdir()
    (path / RECIPE).write_text("model: {name: pix2pix}\n")
    inputs = keras.Input((SIDE, SIDE, 3))
    keras.Model(inputs, -1.0 * inputs).save(path / "generator.keras")
    return path


@pytest.fixture
def photos(tmp_path):
    random = np.random.default_rng(0)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(5):
        picture = random.integers(0, 256, (SIDE, SIDE + 4 * index, 3), np.uint8)
        Image.fromarray(picture).save(folder / f"{index}.png")
    return folder


def check_negatives(photos, out):
    written = sorted(out.iterdir())
    assert [file.name for file in written] == [f"{index}.png" for index in range(5)]
    for file in written:
        given = read_array(photos / file.name).astype(int)
        assert np.abs(255 - given - read_array(file)).max() <= 1


def test_pictures_are_translated_in_batches_and_told_one_by_one(zoo_command, run, photos, tmp_path):
    result = zoo_command(
        "translate", run, photos / "*.png", "--out", "out", "--batch-size", 4, "--overlap", 0.5
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{photos / f'{index}.png'} -> {Path('out', f'{index}.png')}" for index in range(5)
    ]
    check_negatives(photos, tmp_path / "out")


def test_resuming_does_the_rest(zoo_command, run, photos, tmp_path):
    first = zoo_command("translate", run, photos / "[01].png", "--out", "out")
    assert first.stdout.count("->") == 2
    second = zoo_command("translate", run, photos, "--out", "out", "--resume")
    assert re.findall(r"(\d)\.png ->", second.stdout) == ["2", "3", "4"]
    check_negatives(photos, tmp_path / "out")
    third = zoo_command("translate", run, photos, "--out", "out", "--resume")
    assert (third.returncode, third.stdout) == (0, "")
    assert third.stderr == "zoo: all results are in out already\n"


def test_processes_share_the_pictures(zoo_command, run, photos, tmp_path):
    result = zoo_command("translate", run, photos, "--out", "out", "--processes", 2)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(re.findall(r"(\d)\.png ->", result.stdout)) == ["0", "1", "2", "3", "4"]
    check_negatives(photos, tmp_path / "out")


def test_a_process_that_fails_ends_all_with_its_sentence(zoo_command, run, photos):
    (run / "generator.keras").write_bytes(b"no network")
    result = zoo_command("translate", run, photos, "--out", "out", "--processes", 2)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"zoo: {run / 'generator.keras'} cannot be loaded: ")


def test_a_process_that_is_killed_ends_all(zoo_command, run, photos, tmp_path):
    (tmp_path / "killer.py").write_text(
        "import os\n"
        "from multiprocessing import parent_process\n"
        "if parent_process() is not None:\n"
        "    os._exit(9)\n"
    )
    result = zoo_command(
        "translate", run, photos, "--out", "out", "--processes", 2, "--plugin", "killer.py"
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "zoo: a process that translated ended suddenly, as it does where memory is short; "
        "take fewer with --processes, and go on with --resume\n"
    )


def test_an_export_translates_one_way(zoo_command, photos, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    about = {"source": RGB.as_json(), "target": RGB.as_json(), "input_shape": [SIDE, SIDE, 3]}
    (folder / ABOUT).write_text(json.dumps(about))
    result = zoo_command("translate", folder, photos, "--out", "out", "--inverse")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"zoo: {folder} is an export, which translates one way; "
        "export the other with: zoo export RUN --inverse\n"
    )


def test_a_terminal_shows_a_bar_and_no_line_is_lost_in_it(monkeypatch, capsys, run, photos):
    from zoo.cli.main import main

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with pytest.raises(SystemExit) as ended:
        main(["translate", str(run), str(photos), "--out", str(photos.parent / "out")])
    assert ended.value.code == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 5
    assert "5/5 | 4.png" in told.err
    assert "100%" in told.err
