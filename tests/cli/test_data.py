"""`zoo data inspect` and `zoo data preview`, through the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data.pictures_on_disk import noise, save, save_two
from PIL import Image

from zoo.data.folder import folder
from zoo.data.inspection.sheet import contact_sheet
from zoo.pictures import SUFFIXES

NAMES = [f"{number:02}" for number in range(10)]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Photos and their label maps in two folders and two parts, with some faults."""
    root = tmp_path / "city"
    for number, name in enumerate(NAMES):
        part = "test" if number < 2 else "train"
        save(root / part / "photos" / f"{name}.png", noise(64, 64, number))
        labels = np.repeat(np.array([0, 1, 2, 255], np.uint8), 1024).reshape(64, 64, 1)
        save(root / part / "labels" / f"{name}.png", np.roll(labels, number, axis=0))
    copy = (root / "train/photos/05.png").read_bytes()
    (root / "test/photos/00.png").write_bytes(copy)
    save(root / "train/photos/alone.png", noise(64, 64, 99))
    (root / "train/labels/09.png").write_text("no picture")
    return root


INSPECTED = """\
city: two folders, labels and photos, whose pictures are pairs by their names
  a guess: most of their files have the same names

  part   pairs  use
  train  8      to train on
  test   2      held out

  pictures  files  width x height  kind  mode  values
  labels    9      64 x 64         PNG   grey  8 bits
  photos    10     64 x 64         PNG   RGB   8 bits
"""
PROBLEMS = """\
labels: likely label maps, of 4 different values: 0, 1, 2, 255

1 file without a partner:
  train/photos/alone.png: has no partner of the same name in train/labels
1 file that cannot be read:
  train/labels/09.png: is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy
1 picture more than once (same bytes) in more than one part, so that what is held out is trained on:
  train/photos/05.png = test/photos/00.png

The dataset section of a recipe for them:

"""
SECTION = """\
dataset:
  name: folder
  path: city
  a: labels
  b: photos
  size: 64
  source_format: {classes: 3} # likely label maps of 3 classes
  on_error: skip # leaves out what cannot be used
"""


def test_inspect_says_what_is_there_what_is_wrong_and_what_to_write(zoo_command, pictures) -> None:
    done = zoo_command("data", "inspect", "city")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(INSPECTED)
    assert "\nvalues, of all pictures:\n" in done.stdout
    assert "  labels, grey, 8 bits  grey     0      255   " in done.stdout
    assert done.stdout.endswith(PROBLEMS + SECTION)


def test_inspect_as_json(zoo_command, pictures) -> None:
    done = zoo_command("data", "inspect", "city", "--json", "--sample", "4")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["layout"]["kind"] == "two folders"
    assert found["decoded"] == 4
    assert found["recipe"].startswith("dataset:\n  name: folder\n  path: city\n")
    assert list(found["unreadable"]) == ["train/labels/09.png"]
    assert ["train/photos/05.png", "test/photos/00.png"] in found["duplicates"][0]["between_parts"]


def test_the_proposed_section_previews(zoo_command, pictures, tmp_path: Path) -> None:
    section = json.loads(zoo_command("data", "inspect", "city", "--json").stdout)["recipe"]
    (tmp_path / "mine.yaml").write_text(section)
    done = zoo_command("data", "preview", "mine.yaml", "--out", "sheet.png", "--count", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "city, A to B, 64 x 64 px: 7 pairs to train, 2 held out, 3 files skipped\n"
        "source: 64 x 64 pixels (width x height), 3 classes\n"
        "target: 64 x 64 pixels (width x height), 3 channels; uint8 0 becomes -1, 255 becomes 1\n"
        "wrote sheet.png\n"
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 8 * 192


def test_preview_takes_the_seed_the_epoch_and_overrides(
    zoo_command, tiny_recipe: Path, tmp_path: Path
) -> None:
    words = ("training.seed=4", "dataset.direction=b_to_a", "--epoch", "2", "--count", "1")
    done = zoo_command("data", "preview", "tiny.yaml", *words)
    assert done.returncode == 0, done.stderr
    dataset = folder(path=str(tmp_path / "pairs"), direction="b_to_a", size=16, test_share=0.34)
    with Image.open(tmp_path / "preview.png") as sheet:
        expected = contact_sheet(dataset, seed=4, count=1, epoch=1)
        np.testing.assert_array_equal(np.asarray(sheet), expected)


def test_what_is_wrong_elsewhere_in_a_recipe_keeps_nobody_from_looking(
    zoo_command, tiny_recipe: Path
) -> None:
    text = (
        tiny_recipe.read_text().replace("name: unet", "name: no_such").replace("seed: 3", "seed: x")
    )
    tiny_recipe.write_text(text)
    done = zoo_command("data", "preview", "tiny.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("wrote preview.png\n")


MISTAKES = {
    ("inspect", "cityy"): "zoo: there is no file or folder cityy. Did you mean 'city'?\n",
    ("inspect", "empty"): (
        f"zoo: empty holds no pictures; expected files that end in {', '.join(SUFFIXES)}, there or in folders below\n"
    ),
    ("inspect", "note.txt"): (
        f"zoo: note.txt is neither a folder, nor a manifest (.csv, .jsonl), nor a picture ({', '.join(SUFFIXES)})\n"
    ),
    ("inspect", "bad.csv"): (
        "zoo: bad.csv, line 1: there is no column source; expected a header line with source and target, and perhaps "
        "split.\n"
    ),
    ("preview", "mine.yaml", "--out", "sheet.txt"): (
        "zoo: cannot write sheet.txt: the name of a sheet ends in .png, .jpg, .webp\n"
    ),
    ("preview", "mine.yaml", "dataset.sise=3"): (
        "zoo: 1 problem in recipe mine.yaml:\n  command line: dataset.sise=3: unknown key 'sise'; expected "
    ),
    ("preview", "bare.yaml"): (
        "zoo: 1 problem in recipe bare:\n  bare.yaml:1: dataset: is missing, or without name; 'zoo list datasets' "
        "shows them\n"
    ),
    ("preview", "mine.yaml", "dataset.path=none"): (
        "zoo: 1 problem in recipe mine:\n  command line: dataset.path=none: the picture folder none does not exist.\n"
    ),
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=" ".join)
def test_a_mistake_ends_with_one_message_and_exit_code_2(
    arguments: tuple[str, ...], zoo_command, tmp_path: Path
) -> None:
    save_two(tmp_path / "city/A", tmp_path / "city/B", NAMES)
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "mine.yaml").write_text("dataset: {name: folder, path: city, size: 8}\n")
    (tmp_path / "bare.yaml").write_text("training: {seed: 3}\n")
    done = zoo_command("data", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(MISTAKES[arguments])
    assert "Traceback" not in done.stderr


def test_inspecting_imports_neither_keras_nor_a_backend(pictures) -> None:
    code = (
        "import sys\nfrom zoo.cli import main\n"
        f"try:\n    main(['data', 'inspect', {str(pictures)!r}])\nexcept SystemExit:\n    pass\n"
        "print('HEAVY', sorted({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_inspect_draws_no_progress_bar_where_nobody_watches(zoo_command, pictures) -> None:
    assert zoo_command("data", "inspect", "city").stderr == ""


def test_names_that_are_no_text_are_escaped(zoo_process, tmp_path: Path) -> None:
    save(tmp_path / "odd" / "good.png", noise(8, 8))
    try:
        (tmp_path / "odd" / os.fsdecode(b"\xff.png")).write_bytes(b"no picture")
    except OSError:
        pytest.skip("this file system takes no such name")
    done = zoo_process("data", "inspect", "odd", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    assert "\\udcff.png: is not a picture that can be read" in done.stdout
