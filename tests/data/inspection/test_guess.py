from pathlib import Path

import pytest

from zoo.data.inspection.guess import Guess, guess

ROOT = Path("pictures")


def guessed(*names):
    """The guess for folders with three pictures each, or for files with a suffix."""
    pictures = []
    for name in names:
        files = [name] if name.endswith(".png") else [f"{name}/{file}.png" for file in "123"]
        pictures += [ROOT / file for file in files]
    return guess(ROOT, pictures)


LAYOUTS = {
    ("1.png", "2.png"): Guess(ROOT, None, True, False, ()),
    ("train", "test"): Guess(ROOT, None, True, False, ("train", "test")),
    ("Training", "validation"): Guess(ROOT, None, True, False, ("Training", "validation")),
    ("A", "B"): Guess(ROOT, ("A", "B"), True, False, ()),
    ("trainA", "trainB", "testA", "testB"): Guess(ROOT, ("A", "B"), True, False, ("train", "test")),
    ("train_in", "train_out"): Guess(ROOT, ("_in", "_out"), True, False, ("train",)),
    ("train/A", "train/B", "val/A", "val/B"): Guess(
        ROOT, ("A", "B"), True, False, ("train", "val")
    ),
    ("A/train", "B/train"): Guess(ROOT, ("A", "B"), True, False, ("train",)),
    ("photos", "labels"): Guess(ROOT, ("labels", "photos"), True, False, ()),
    ("train_label", "train_inst", "train_img", "test_label"): Guess(
        ROOT, ("_label", "_img"), True, False, ("train", "test"), 0, ("_inst",)
    ),
    ("photos", "labels", "instances", "old"): Guess(
        ROOT, ("labels", "old"), True, False, (), 3, ("instances",)
    ),
    ("train_label", "train_img"): Guess(ROOT, ("_label", "_img"), True, False, ("train",)),
    ("trainA", "trainB", "trainees"): Guess(ROOT, ("trainA", "trainB"), True, False, (), 3),
    ("after", "before"): Guess(ROOT, ("before", "after"), True, False, ()),
    ("A/one", "A/two", "B/one", "B/two"): Guess(ROOT, ("A", "B"), True, True, ()),
    ("monday", "tuesday", "sunday/noon.png"): Guess(
        ROOT, ("monday", "tuesday"), True, False, (), 1
    ),
    ("horses/a.png", "horses/b.png", "zebras/1.png", "zebras/2.png"): Guess(
        ROOT, ("horses", "zebras"), False, False, ()
    ),
    ("x/1.png", "y/2.png", "z/3.png"): Guess(ROOT, None, True, True, ()),
    ("facades/train", "facades/test"): Guess(
        ROOT / "facades", None, True, False, ("train", "test")
    ),
    ("A", "B", "cover.png"): Guess(ROOT, ("A", "B"), True, False, (), 1),
    ("trains", "cars"): Guess(ROOT, ("cars", "trains"), True, False, ()),
}


@pytest.mark.parametrize("names", LAYOUTS, ids=" ".join)
def test_folders_are_understood_by_their_names(names):
    assert guessed(*names) == LAYOUTS[names]


def test_the_parts_of_a_recipe():
    found = guessed("Training/A", "Training/B", "validation/A", "validation/B")
    assert (found.train, found.test) == ("Training", "validation")
    assert (guessed("A", "B").train, guessed("A", "B").test) == ("train", "test")
