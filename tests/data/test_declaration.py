"""Datasets whose examples are not as they declare are refused before training, and grey pictures are told once."""

import re

import numpy as np
import pytest
from data.pictures_on_disk import noise, save

import zoo
from zoo.data.declaration import check_examples, grey_sides

SIZE = (16, 16)
BLANK = np.zeros((*SIZE, 3), np.float32)


class Given:
    """Examples that are given."""

    def __init__(self, *examples):
        self.examples = examples

    def __len__(self):
        return len(self.examples)

    def example(self, index, random):
        return self.examples[index]


def declared(train, test=None, *, channels=3, **more):
    """A dataset of one example each, of `channels` in the target's declaration."""
    plain = {"source": BLANK, "target": np.zeros((*SIZE, channels), np.float32)}
    return zoo.Dataset(
        train=Given({**plain, **train}),
        test=Given({**plain, **(test or {})}),
        source_shape=(*SIZE, 3),
        target_shape=(*SIZE, channels),
        summary="given",
        **more,
    )


GREY = np.zeros((*SIZE, 1), np.float32)
NOT_AS_DECLARED = {
    "channels of a source": (
        declared({"source": GREY}),
        "the source of the first training example is 16 x 16 x 1, but the dataset declares source_shape 16 x 16 x 3 "
        "(height x width x channels); make the two agree",
    ),
    "height of what is held out": (
        declared({}, {"target": BLANK[:8]}),
        "the target of the first held-out example is 8 x 16 x 3, but the dataset declares target_shape 16 x 16 x 3 "
        "(height x width x channels); make the two agree",
    ),
    "no channels": (
        declared({"source": BLANK[..., 0]}),
        "the source of the first training example is 16 x 16, but the dataset declares source_shape 16 x 16 x 3 "
        "(height x width x channels); make the two agree",
    ),
    "channels of the format": (
        declared({}, channels=2),
        "target_shape is 16 x 16 x 2, but target_format has 3 channels; expected as many as the shape; a dataset "
        "states it as zoo.PictureFormat(channels=2)",
    ),
    "values of 8 bits": (
        declared({"source": BLANK.astype(np.uint8)}),
        "the source of the first training example has values of the type uint8; expected float32 from -1 to 1",
    ),
    "values up to 255": (
        declared({"target": BLANK + 255}),
        "the target of the first training example has values from 255 to 255; expected -1 to 1",
    ),
    "no number": (
        declared({"target": BLANK * np.nan}),
        "the target of the first training example has values from nan to nan; expected -1 to 1",
    ),
    "a list": (
        declared({"target": BLANK.tolist()}),
        "the target of the first training example is of the type list; expected a NumPy array",
    ),
    "another name": (
        zoo.Dataset(Given({"image": BLANK}), Given(), (16, 16, 3), (16, 16, 3), ""),
        "the first training example has no source; it has image",
    ),
    "no mask": (
        declared({}, formats=zoo.Formats(target=zoo.PictureFormat(masked=True))),
        "the first training example has no target_mask; it has source, target",
    ),
    "a mask a channel": (
        declared(
            {"target_mask": BLANK}, formats=zoo.Formats(target=zoo.PictureFormat(masked=True))
        ),
        "target_mask of the first training example is 16 x 16 x 3; expected 16 x 16 x 1, 0 in holes and 1 elsewhere",
    ),
}


@pytest.mark.parametrize("name", NOT_AS_DECLARED)
def test_what_is_not_as_declared_is_said(name):
    dataset, message = NOT_AS_DECLARED[name]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_examples(dataset)


def test_what_is_as_declared_is_taken():
    check_examples(declared({}))
    check_examples(
        declared({}, channels=2, formats=zoo.Formats(target=zoo.PictureFormat(channels=2)))
    )
    # Rounding leads a little beyond the range.
    check_examples(declared({"source": BLANK + np.float32(1 + 1e-6)}))


PLUGIN = '''
import numpy as np
import zoo


class Examples:
    def __len__(self):
        return 2

    def example(self, index, random):
        return {"source": np.zeros((16, 16, 4), "float32"), "target": np.zeros((16, 16, 3), "float32")}


def cubes():
    """Four channels, declared as three."""
    return zoo.Dataset(Examples(), Examples(), (16, 16, 3), (16, 16, 3), "cubes")


@zoo.hookimpl
def register_datasets(register):
    register("cubes", cubes)
'''


def test_a_plugin_dataset_is_refused_by_validate(tmp_path, tiny_recipe, zoo_command):
    plugin = tmp_path / "cubes.py"
    plugin.write_text(PLUGIN)
    lines = tiny_recipe.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("dataset:"))
    lines[place] = "dataset: {name: cubes}"
    tiny_recipe.write_text("\n".join(lines))
    done = zoo_command("validate", str(tiny_recipe), "--plugin", str(plugin))
    assert done.returncode == 2
    assert done.stderr == (
        "zoo: 1 problem in recipe tiny:\n"
        f"  {tiny_recipe}:{place + 1}: dataset: the source of the first training example is 16 x 16 x 4, but the "
        "dataset declares source_shape 16 x 16 x 3 (height x width x channels); make the two agree\n"
    )


def test_grey_pictures_read_as_colours_are_told_once(tmp_path, tiny_recipe, zoo_command):
    for side in "AB":
        for seed in range(4):
            picture = noise(16, 16, seed)
            save(
                tmp_path / "greys" / side / f"{seed}.png",
                picture[..., :1] if side == "A" else picture,
            )
    overrides = (f"dataset.path={tmp_path / 'greys'}", "training.epochs=2")
    note = (
        "the sources seem to be grey, and are read as three equal channels; one is enough: "
        "dataset.source_format.channels=grey\n"
    )
    done = zoo_command("train", str(tiny_recipe), *overrides, "--runs", str(tmp_path / "runs"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(note) == 1
    done = zoo_command("validate", str(tiny_recipe), *overrides)
    assert done.stdout.count(note) == 1
    done = zoo_command(
        "validate", str(tiny_recipe), *overrides, "dataset.source_format.channels=grey"
    )
    assert "seem to be grey" not in done.stdout


def test_a_side_is_grey_if_all_of_its_first_pictures_are():
    colour = np.linspace(-1, 1, BLANK.size, dtype=np.float32).reshape(BLANK.shape)
    pictures = [BLANK, BLANK, BLANK, BLANK, colour]

    def first(*order):
        return Given(*({"source": pictures[i], "target": colour} for i in order))

    dataset = zoo.Dataset(first(0, 4), Given(), BLANK.shape, BLANK.shape, "")
    assert list(grey_sides(dataset)) == []
    dataset = zoo.Dataset(first(0, 1, 2, 3, 4), Given(), BLANK.shape, BLANK.shape, "")
    assert list(grey_sides(dataset)) == ["source"]
