import numpy as np
import pytest
from data.pictures_on_disk import save, save_truncated
from PIL import Image

from zoo.data.inspection import statistics
from zoo.data.inspection.statistics import Channel, decode_sample
from zoo.data.inspection.survey import survey


def decoded(*files, sides=("A",), halves=()):
    seen = survey(list(files))
    named = [(side, file) for side, file in zip(sides * len(files), files, strict=False)]
    return decode_sample(named, seen, halves=halves)


def test_figures_of_two_pictures_of_different_sizes_are_those_of_all_their_pixels(tmp_path):
    rng = np.random.default_rng(3)
    one = rng.integers(0, 4096, (40, 30, 1), np.uint16)
    other = rng.integers(0, 60000, (8, 16, 1), np.uint16)
    found = decoded(save(tmp_path / "1.tif", one), save(tmp_path / "2.tif", other))
    values = np.concatenate([one.ravel(), other.ravel()]).astype(float)
    (item,) = found.statistics
    (channel,) = item.channels
    assert (item.side, item.dtype, item.pictures) == ("A", "uint16", 2)
    assert (channel.least, channel.most) == (values.min(), values.max())
    assert channel.mean == pytest.approx(values.mean())
    assert channel.deviation == pytest.approx(values.std())


def test_large_values_of_small_spread_keep_their_digits(tmp_path):
    picture = np.full((20, 20, 1), 1e6)
    picture[::2] += 1e-3
    (item,) = decoded(save(tmp_path / "1.tif", picture)).statistics
    assert item.channels[0].deviation == pytest.approx(5e-4, rel=1e-3)


def test_blocks_of_pixels_add_up_to_the_picture(tmp_path, monkeypatch):
    picture = np.random.default_rng(0).integers(0, 256, (33, 17, 3), np.uint8)
    path = save(tmp_path / "1.png", picture)
    whole = decoded(path).statistics[0].channels
    monkeypatch.setattr(statistics, "AT_ONCE", 60)
    for ours, expected in zip(decoded(path).statistics[0].channels, whole, strict=True):
        assert vars(ours) == pytest.approx(vars(expected))


def test_what_is_no_number_is_counted_and_left_out(tmp_path):
    picture = np.array([[0.0, 1.0], [np.nan, np.inf]], np.float32)[..., None]
    (item,) = decoded(save(tmp_path / "1.npy", picture)).statistics
    assert item.not_finite == 2
    assert item.channels[0] == Channel(0, 1, 0.5, 0.5, pytest.approx(0.005), pytest.approx(0.995))


def test_a_channel_without_numbers_has_no_figures(tmp_path):
    picture = np.stack([np.ones((4, 4)), np.full((4, 4), np.nan)], axis=-1).astype(np.float32)
    one, other = decoded(save(tmp_path / "1.npy", picture)).statistics[0].channels
    assert one == Channel(1, 1, 1, 0, 1, 1)
    assert np.isnan(list(vars(other).values())).all()


def test_halves_are_two_sides(tmp_path):
    both = np.concatenate([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 9, np.uint8)], axis=1)
    found = decoded(save(tmp_path / "1.png", both), halves=("A", "B"))
    assert [(item.side, item.channels[0].mean) for item in found.statistics] == [("A", 0), ("B", 9)]
    assert all(item.colourless for item in found.statistics)


def test_pictures_of_other_channels_are_counted_by_themselves(tmp_path):
    grey = save(tmp_path / "1.png", np.zeros((4, 4, 1), np.uint8))
    colour = save(tmp_path / "2.png", np.zeros((4, 4, 3), np.uint8))
    found = decoded(grey, colour, colour)
    assert [(len(item.channels), item.pictures) for item in found.statistics] == [(3, 2), (1, 1)]


def test_label_maps_are_recognised(tmp_path):
    maps = np.repeat(np.array([0, 2, 7, 255], np.uint8), 64).reshape(16, 16, 1)
    png = save(tmp_path / "map.png", maps)
    assert decoded(png).statistics[0].labels == (0, 2, 7, 255)
    # The indices of a palette, whatever its colours are.
    indexed = Image.fromarray(maps[..., 0] % 3, "L")
    indexed.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200])
    indexed.save(tmp_path / "palette.png")
    assert decoded(tmp_path / "palette.png").statistics[0].labels == (0, 1, 2)
    colours = np.zeros((16, 16, 3), np.uint8)
    colours[:8] = (128, 64, 0)
    assert decoded(save(tmp_path / "c.png", colours)).statistics[0].labels == (
        (0, 0, 0),
        (128, 64, 0),
    )


@pytest.mark.parametrize("name", ["photo.png", "flat.png", "few.jpg"])
def test_photos_are_no_label_maps(tmp_path, name):
    picture = {
        "photo.png": np.random.default_rng(0).integers(0, 256, (32, 32, 1), np.uint8),
        "flat.png": np.zeros((32, 32, 1), np.uint8),
        "few.jpg": np.repeat(np.array([0, 200], np.uint8), 512).reshape(32, 32, 1),
    }[name]
    assert decoded(save(tmp_path / name, picture)).statistics[0].labels is None


def test_a_file_that_breaks_off_is_told(tmp_path):
    path = tmp_path / "1.jpg"
    save_truncated(path)
    found = decoded(path)
    assert found.statistics == []
    assert found.broken[path].startswith("cannot be read as a picture: ")
