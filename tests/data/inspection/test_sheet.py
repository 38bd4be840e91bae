import numpy as np
import pytest
from data.pictures_on_disk import save, save_two

from zoo import Loader
from zoo.data.folder import folder
from zoo.data.inspection.draws import Draws
from zoo.data.inspection.sheet import contact_sheet
from zoo.data.spread import spread
from zoo.pictures import to_uint8
from zoo.pictures.grid import PAPER
from zoo.pictures.settings import FormatSettings

NAMES = [f"{number:02}" for number in range(12)]


@pytest.fixture
def pairs(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", NAMES, (16, 16))
    return folder(path=str(tmp_path), size=16)


@pytest.mark.parametrize("paired", [True, False])
def test_draws_are_those_of_the_training_loader(tmp_path, paired):
    save_two(tmp_path / "A", tmp_path / "B", NAMES, (16, 16))
    dataset = folder(path=str(tmp_path), size=16, paired=paired)
    draws = Draws(dataset.train, seed=7)
    loader = Loader(dataset.train, 3, seed=7, shuffle=True, augment=True)
    for epoch in (0, 4):
        loader.epoch = epoch
        batches = [loader[index] for index in range(len(loader))]
        seen = np.concatenate([batch["source"] for batch in batches])
        targets = np.concatenate([batch["target"] for batch in batches])
        drawn = [draws.draw(index, epoch) for index in range(len(dataset.train))]
        # Every example of the epoch is drawn once, and just as the loader brings it.
        order = [
            next(at for at, source in enumerate(seen) if np.array_equal(source, item["source"]))
            for item in drawn
        ]
        assert sorted(order) == list(range(len(drawn)))
        for at, item in zip(order, drawn, strict=True):
            np.testing.assert_array_equal(item["target"], targets[at])


def test_the_sheet_holds_every_example(pairs):
    sheet = contact_sheet(pairs, seed=1, count=2)
    assert sheet.dtype == np.uint8
    # Each picture of 16 pixels is enlarged to 192 by whole pixels, so that it can be looked for.
    for index in spread(range(len(pairs.train)), 2):
        for side in ("source", "target"):
            picture = to_uint8(pairs.train.example(index, None)[side]).repeat(12, 0).repeat(12, 1)
            assert contains(sheet, picture)
    drawn = to_uint8(Draws(pairs.train, 1).draw(2, 0)["source"]).repeat(12, 0).repeat(12, 1)
    assert contains(sheet, drawn)
    assert contains(
        sheet, to_uint8(pairs.test.example(0, None)["target"]).repeat(12, 0).repeat(12, 1)
    )


def contains(sheet, picture):
    height, width = picture.shape[:2]
    corners = np.argwhere((sheet == picture[0, 0]).all(axis=-1))
    return any(
        np.array_equal(sheet[top : top + height, left : left + width], picture)
        for top, left in corners
    )


def test_the_epoch_and_the_seed_decide_the_draws(pairs):
    first = contact_sheet(pairs, seed=1, count=2)
    assert np.array_equal(first, contact_sheet(pairs, seed=1, count=2))
    assert not np.array_equal(first, contact_sheet(pairs, seed=2, count=2))
    assert not np.array_equal(first, contact_sheet(pairs, seed=1, count=2, epoch=3))


def test_a_sheet_of_few_examples_is_no_wider_than_they_are(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", "ab", (16, 16))
    sheet = contact_sheet(folder(path=str(tmp_path), size=16), count=5)
    assert (sheet[-60:, 450:] == PAPER).all()


def test_label_maps_and_many_channels_are_shown_as_pictures(tmp_path):
    for number, name in enumerate(NAMES):
        labels = np.repeat(np.arange(4, dtype=np.uint8) % 3, 64).reshape(16, 16, 1)
        save(tmp_path / "A" / f"{name}.png", labels)
        save(tmp_path / "B" / f"{name}.npy", np.full((16, 16, 5), number, np.uint8))
    dataset = folder(
        path=str(tmp_path),
        size=16,
        source_format=FormatSettings(classes=3),
        target_format=FormatSettings(channels=5),
    )
    sheet = contact_sheet(dataset, count=3)
    for colour in dataset.formats.source.palette:
        assert (sheet == colour).all(axis=-1).sum() > 1000
