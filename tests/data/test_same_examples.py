"""The seed decides every training example: whatever the number of workers, and wherever a training is continued."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from data.pictures_on_disk import noise, save

from zoo.data.derived.dataset import derived
from zoo.data.folder import folder
from zoo.data.loader import Loader

COUNT = 20  # pictures, of which 2 are held out
BATCH = 4  # does not divide 18: the last batch of an epoch is smaller
EXAMPLES = 1000


def write_pictures(place, seed=0):
    for index in range(COUNT):
        save(place / f"{index:02}.jpg", noise(36, 40, seed + index))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Folders of JPEG files, 40 x 36 px, that differ in every picture."""
    root = tmp_path_factory.mktemp("pictures")
    write_pictures(root / "A")
    write_pictures(root / "B", seed=100)
    return root


AUGMENTATION = {"size": 32, "turns": True, "rotate": 10.0, "scale": 0.2}


def paired(root):
    return folder(path=str(root), colour=0.2, **AUGMENTATION)


def unpaired(root):
    return folder(path=str(root), paired=False, colour=0.2, cache=True, **AUGMENTATION)


def masked(root):
    # The hole of a training example is anywhere, so that the function needs chance as well.
    return derived(path=str(root / "A"), function="masked", **AUGMENTATION)


DATASETS = {"paired": paired, "unpaired": unpaired, "derived": masked}
parametrize_datasets = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)


def make(dataset, workers=0, seed=5, **options):
    return Loader(
        dataset.train, BATCH, seed=seed, shuffle=True, augment=True, workers=workers, **options
    )


def digests(batches):
    """A hash of every example: the type, the shape and the values of its source and of its target."""
    found = []
    for batch in batches:
        for source, target in zip(batch["source"], batch["target"], strict=True):
            hashed = hashlib.sha256()
            for picture in (source, target):
                hashed.update(f"{picture.dtype} {picture.shape}".encode())
                hashed.update(np.ascontiguousarray(picture))
            found.append(hashed.hexdigest())
    return found


def run(loader, examples, epoch=0):
    """The digests of so many examples, from the beginning of an epoch on, as a training sees them."""
    seen: list[str] = []
    while len(seen) < examples:
        loader.epoch = epoch
        seen += digests(loader)
        epoch += 1
    return seen[:examples]


@parametrize_datasets
def test_the_same_thousand_examples_with_any_number_of_workers(pictures, dataset):
    alone = run(make(dataset(pictures)), EXAMPLES)
    # Augmentation makes every example another one, in every epoch.
    assert len(alone) == len(set(alone)) == EXAMPLES
    for workers in (1, 4):
        # Opened once more: what the folder holds is found in the same order.
        assert run(make(dataset(pictures), workers=workers), EXAMPLES) == alone


@parametrize_datasets
@pytest.mark.parametrize("workers", [0, 4])
def test_the_same_examples_after_stopping_and_continuing_at_any_position(
    pictures, dataset, workers
):
    opened = dataset(pictures)
    loader = make(opened)
    batches, count = len(loader), len(opened.train)
    assert (batches, count) == (COUNT // BATCH, COUNT - 2)
    whole = run(loader, 3 * count)
    for stopped in range(2 * batches):
        epoch, position = divmod(stopped, batches)
        loader = make(opened, workers=workers)
        if stopped % 2:
            # Batches that were begun ahead of the stop must leave no trace.
            loader.epoch = epoch
            loader[position]
        loader.epoch = epoch
        rest = loader.rest(position)
        seen = digests(rest)
        seen += run(loader, count, epoch + 1)
        begin = epoch * count + position * BATCH
        assert seen == whole[begin : begin + len(seen)]
        assert len(seen) == 2 * count - position * BATCH


def test_a_continued_training_may_be_stopped_once_more(pictures):
    loader = make(paired(pictures))
    loader.epoch = 7
    whole = digests(loader)
    assert digests(loader.rest(1).rest(2)) == whole[3 * BATCH :]
    assert digests(loader.rest(len(loader) - 1)) == whole[4 * BATCH :]


@parametrize_datasets
def test_another_seed_gives_other_examples(pictures, dataset):
    opened = dataset(pictures)
    five, six = (run(make(opened, seed=seed), 2 * len(opened.train)) for seed in (5, 6))
    assert not set(five) & set(six)


@parametrize_datasets
def test_held_out_examples_are_always_the_same(pictures, dataset):
    first, again = (
        Loader(dataset(pictures).test, BATCH, seed=seed, workers=workers)
        for seed, workers in ((5, 0), (6, 4))
    )
    again.epoch = 3
    assert digests(first) == digests(again)


@parametrize_datasets
def test_the_batches_of_several_processes_are_those_of_one(pictures, dataset):
    opened = dataset(pictures)
    whole = make(opened, drop_remainder=True)
    shares = [make(opened, workers=process, shard=(process, 2)) for process in (0, 1)]
    for epoch in (0, 3):
        for loader in (whole, *shares):
            loader.epoch = epoch
        assert len(whole) == len(shares[0]) == len(shares[1]) == (COUNT - 2) // BATCH
        for batch, *parts in zip(whole, *shares, strict=True):
            assert [len(part["source"]) for part in parts] == [BATCH // 2] * 2
            for name, expected in batch.items():
                np.testing.assert_array_equal(np.concatenate([p[name] for p in parts]), expected)


def test_unpaired_targets_are_drawn_afresh_in_every_epoch(tmp_path):
    # One colour a picture, so that it can be told from any crop of it.
    for index in range(COUNT):
        save(tmp_path / "A" / f"{index:02}.png", np.full((36, 40, 3), 10 * index, np.uint8))
        save(tmp_path / "B" / f"{index:02}.png", np.full((36, 40, 3), 10 * index, np.uint8))
    dataset = folder(path=str(tmp_path), paired=False, size=32)
    loader = Loader(dataset.train, 1, seed=5, shuffle=True, augment=True)
    epochs = []
    for epoch in range(20):
        loader.epoch = epoch
        drawn = [[batch[side][0, 0, 0, 0] for side in ("source", "target")] for batch in loader]
        epochs.append({round(float(a) * 127.5 + 127.5) // 10: b for a, b in drawn})
        assert len(epochs[-1]) == COUNT - 2
    # Each source meets many targets, and mostly not the one of its own name.
    for source in epochs[0]:
        partners = [round(float(drawn[source]) * 127.5 + 127.5) // 10 for drawn in epochs]
        assert len(set(partners)) > 5
        assert partners.count(source) < 10


# ---- no TensorFlow where it is not asked for

READS = """
import sys
from zoo.data.derived.dataset import derived
from zoo.data.folder import folder
from zoo.data.loader import Loader

root = sys.argv[1]
for dataset in (
    folder(path=root, size=32),
    folder(path=root, size=32, paired=False),
    derived(path=root + "/A", size=32, function="edges"),
):
    loader = Loader(dataset.train, 4, shuffle=True, augment=True, workers=2)
    assert sum(len(batch["source"]) for batch in loader) == 18
print("tensorflow" in sys.modules)
"""

# The dataset of a recipe as an experiment makes it. Keras itself imports TensorFlow, where it is
# installed, when an experiment then sets the random seeds.
RECIPE = """
import sys
import zoo.training.assembly
from zoo.data.loader import Loader
from zoo.recipe.load import load_recipe

recipe = load_recipe(sys.argv[1])
dataset = recipe.choices[("dataset",)].create()
assert Loader(dataset.train, 2)[0]["source"].shape == (2, 16, 16, 3)
print("tensorflow" in sys.modules)
"""


def imports_tensorflow(script, argument, backend):
    done = subprocess.run(
        [sys.executable, "-c", script, str(argument)],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1] == "True"


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.one_backend
def test_reading_pictures_imports_no_tensorflow(pictures, backend):
    pytest.importorskip(backend)
    assert not imports_tensorflow(READS, pictures, backend)


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.one_backend
def test_the_dataset_of_a_recipe_imports_no_tensorflow(tiny_recipe, backend):
    pytest.importorskip(backend)
    assert not imports_tensorflow(RECIPE, tiny_recipe, backend)
