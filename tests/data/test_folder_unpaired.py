"""The dataset `folder` with two piles of pictures that show different things."""

import hashlib

import numpy as np
import pytest
from data.pictures_on_disk import flat, noise, save, save_pairs, save_truncated, save_two

from zoo.data.folder import folder
from zoo.data.loader import Loader
from zoo.data.transforms import resize
from zoo.errors import DataError
from zoo.pictures import to_float

HORSES = [f"horse_{number}" for number in range(12)]
ZEBRAS = [f"zebra_{number}" for number in range(20)]


def open_folder(path, **arguments):
    return folder(path=str(path), **({"size": 8, "paired": False} | arguments))


def names(pile):
    return [picture.name for picture in pile.stored.pictures]


def refused(path, error=DataError, **arguments):
    with pytest.raises(error) as raised:
        open_folder(path, **arguments)
    return str(raised.value).replace(str(path), "ROOT")


def save_piles(first, second, a=HORSES, b=ZEBRAS):
    """A is dark, B is bright; all sizes differ."""
    for folder_, pile, color in ((first, a, 50), (second, b, 200)):
        for number, name in enumerate(pile):
            save(folder_ / f"{name}.png", flat(8 + number, 12 - number % 5, color + number))


# ---- where the pictures lie


PARTED = {
    "train/A": lambda root, part: (root / part / "A", root / part / "B"),
    "trainA": lambda root, part: (root / f"{part}A", root / f"{part}B"),
    "A/train": lambda root, part: (root / "A" / part, root / "B" / part),
}


@pytest.mark.parametrize("layout", ["auto", "two_folders"])
@pytest.mark.parametrize("where", PARTED)
@pytest.mark.parametrize("test_part", ["test", "val"])
def test_parts_are_found(tmp_path, layout, where, test_part):
    save_piles(*PARTED[where](tmp_path, "train"))
    save_piles(*PARTED[where](tmp_path, test_part), HORSES[:2], ZEBRAS[:3])
    dataset = open_folder(tmp_path, layout=layout)
    assert not dataset.paired
    assert names(dataset.train.sources) == sorted(HORSES)
    assert names(dataset.train.targets) == sorted(ZEBRAS)
    assert names(dataset.test.sources) == HORSES[:2]
    assert names(dataset.test.targets) == ZEBRAS[:3]
    assert (len(dataset.train), len(dataset.test)) == (20, 3)


def test_without_a_test_part_a_share_of_each_pile_is_held_out(tmp_path):
    save_piles(tmp_path / "horses", tmp_path / "zebras")
    dataset = open_folder(tmp_path, a="horses", b="zebras", test_share=0.25)
    for side, pile, count in (("sources", HORSES, 3), ("targets", ZEBRAS, 5)):
        by_hash = sorted(pile, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        assert names(getattr(dataset.test, side)) == sorted(by_hash[:count])
        assert names(getattr(dataset.train, side)) == sorted(by_hash[count:])
    assert dataset.summary == (
        f"{tmp_path}, A to B, unpaired, 8 x 8 px: 9 pictures A and 15 B to train, 3 and 5 held out"
    )


def test_pictures_of_one_name_are_held_out_together(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", HORSES)
    for name in HORSES:
        save(tmp_path / "A" / f"{name}.bmp", noise(8, 8))
    dataset = open_folder(tmp_path, test_share=0.25)
    held_out = names(dataset.test.sources)
    assert len(held_out) == 6
    assert set(held_out) == set(names(dataset.test.targets))


# ---- what examples are


def test_sources_and_targets_are_of_their_side(tmp_path):
    save_piles(tmp_path / "A", tmp_path / "B")
    there, back = (open_folder(tmp_path, direction=way) for way in ("a_to_b", "b_to_a"))
    assert ", B to A, unpaired, " in back.summary
    for random in (None, np.random.default_rng(0)):
        for dataset, dark in ((there, "source"), (back, "target")):
            for index in range(len(dataset.train)):
                example = dataset.train.example(index, random)
                bright = {"source": "target", "target": "source"}[dark]
                assert example[dark].shape == example[bright].shape == (8, 8, 3)
                assert example[dark].max() < to_float(np.uint8(100)) < example[bright].min()


def test_plain_examples_are_resized_in_order_counted_round(tmp_path):
    save_piles(tmp_path / "A", tmp_path / "B", HORSES[:3], ZEBRAS[:5])
    save_piles(tmp_path / "A" / "test", tmp_path / "B" / "test", HORSES[:2], ZEBRAS[:3])
    test = open_folder(tmp_path, size=(6, 10)).test
    for index, (horse, zebra) in enumerate([(0, 0), (1, 1), (0, 2)]):
        example = test.example(index, None)
        for side, number, color in (("source", horse, 50), ("target", zebra, 200)):
            picture = flat(8 + number, 12 - number % 5, color + number)
            np.testing.assert_array_equal(example[side], to_float(resize(picture, 6, 10)))


def test_each_picture_is_cropped_and_mirrored_by_itself(tmp_path):
    # One picture in both piles, so that only augmentation can tell them apart.
    for side in "AB":
        save(tmp_path / f"train{side}" / "x.png", noise(16, 16))
        save(tmp_path / f"test{side}" / "y.png", noise(16, 16))
    train = open_folder(tmp_path, size=16).train
    same = 0
    for seed in range(40):
        first, again = (train.example(0, np.random.default_rng(seed)) for _ in range(2))
        for side in ("source", "target"):
            np.testing.assert_array_equal(first[side], again[side])
        same += np.array_equal(first["source"], first["target"])
    assert same < 10


def test_targets_are_drawn_afresh_in_every_epoch_with_any_workers(tmp_path):
    save_piles(tmp_path / "A", tmp_path / "B")
    examples = open_folder(tmp_path, flip=False, jitter=0.0).train
    epochs = []
    for workers in (0, 2):
        loader = Loader(examples, 3, seed=5, shuffle=True, augment=True, workers=workers)
        for epoch in (0, 1):
            loader.epoch = epoch
            batches = [loader[index] for index in range(len(loader))]
            epochs.append({side: np.concatenate([b[side] for b in batches]) for side in batches[0]})
    for one, other in ((0, 2), (1, 3)):
        for side in ("source", "target"):
            np.testing.assert_array_equal(epochs[one][side], epochs[other][side])
    # In which order, and with which target, differs; every source comes.
    sources = [np.sort(epoch["source"][:, 0, 0, 0]) for epoch in epochs[:2]]
    assert len(np.unique(sources[0])) == len(np.unique(sources[1])) == len(examples.sources)
    together = [
        sorted(zip(e["source"][:, 0, 0, 0], e["target"][:, 0, 0, 0], strict=True))
        for e in epochs[:2]
    ]
    assert together[0] != together[1]


# ---- what cannot be used


def test_broken_pictures_are_named_or_skipped(tmp_path):
    save_piles(tmp_path / "A", tmp_path / "B")
    save_truncated(tmp_path / "B" / "broken.png")
    (tmp_path / "A" / "text.png").write_text("no picture")
    message = refused(tmp_path)
    assert message.startswith(
        "2 pictures in ROOT cannot be used:\n"
        "  A/text.png: is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy\n"
        "  B/broken.png: cannot be read as a picture: "
    )
    dataset = open_folder(tmp_path, on_error="skip")
    assert [line.split(":")[0] for line in dataset.skipped] == ["A/text.png", "B/broken.png"]
    assert dataset.summary.endswith(
        ": 11 pictures A and 18 B to train, 1 and 2 held out, 2 files skipped"
    )
    assert "broken" not in names(dataset.train.targets) + names(dataset.test.targets)


def test_a_side_with_one_picture_cannot_be_split(tmp_path):
    save_piles(tmp_path / "A", tmp_path / "B", HORSES[:1])
    assert refused(tmp_path) == (
        "ROOT has 0 pictures A and 18 B to train on and 1 and 2 held out; "
        "expected at least one of each"
    )


def test_an_empty_side_of_the_test_part(tmp_path):
    save_piles(tmp_path / "trainA", tmp_path / "trainB")
    save_piles(tmp_path / "testA", tmp_path / "testB", HORSES[:2], [])
    (tmp_path / "testB").mkdir()
    assert refused(tmp_path) == (
        "ROOT has 12 pictures A and 20 B to train on and 2 and 0 held out; "
        "expected at least one of each"
    )


def test_one_folder_without_the_other(tmp_path):
    save_piles(tmp_path / "trainA", tmp_path / "horses")
    assert refused(tmp_path) == (
        "there is a folder ROOT/trainA, but no folder ROOT/trainB to pair it with; "
        "name the two folders with a and b"
    )


def test_pictures_side_by_side_are_pairs(tmp_path):
    save_pairs(tmp_path, HORSES)
    assert refused(tmp_path, ValueError, layout="side_by_side") == (
        "pictures side by side in one file are pairs, but paired is false; set paired to true, "
        "or put the pictures into two folders"
    )
    assert refused(tmp_path) == (
        "ROOT holds no folders of pictures; expected the folders A and B, there or in train and "
        "test, as files that end in .jpg, .jpeg, .png, .webp, .tif, .tiff, .bmp, .dcm, .npy."
    )


def test_two_piles_that_are_taken_for_pairs(tmp_path):
    save_piles(tmp_path / "trainA", tmp_path / "trainB")
    assert refused(tmp_path, paired=True).startswith(
        "no picture in ROOT/trainA has a partner of the same name in ROOT/trainB; give the "
        "pictures of a pair one name, or set paired to false if the two folders show different things"
    )
