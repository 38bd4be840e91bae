"""From what a recipe says and what the files are to a format."""

import numpy as np
import pytest
from pydantic import ValidationError

from zoo.errors import DataError
from zoo.pictures import RGB, PictureFormat, write_picture
from zoo.pictures.settings import FormatSettings, format_of


def files(folder, *pictures, suffix=".tif"):
    paths = [folder / f"{number}{suffix}" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        write_picture(path, picture)
    return paths


def test_8_bit_files_need_no_settings(tmp_path):
    paths = files(tmp_path, np.zeros((2, 2, 1), np.uint8), suffix=".png")
    assert format_of(FormatSettings(), paths, "source_format") == RGB
    (paths[0].rename(tmp_path / "x.jpg"),)
    assert format_of(FormatSettings(), [tmp_path / "x.jpg"], "source_format").suffix == ".png"


def test_a_range_is_taken_as_it_is(tmp_path):
    paths = files(tmp_path, np.zeros((2, 2, 6), np.uint16))
    form = format_of(FormatSettings(channels=6, range=(0, 4095)), paths, "source_format")
    assert form == PictureFormat(6, "uint16", (0,), (4095,), suffix=".tif")


def test_percentiles_are_of_each_channel_over_the_files(tmp_path):
    ramp = np.arange(10000, dtype=np.float32).reshape(100, 100)
    first = np.stack([ramp, 10 * ramp], axis=-1)
    second = first + np.array([10000, 100000], np.float32)
    second[0, 0] = np.nan
    paths = files(tmp_path, first, second, suffix=".npy")
    settings = FormatSettings(channels=2, percentiles=(10, 90))
    form = format_of(settings, paths, "source_format")
    np.testing.assert_allclose(form.low, [2000, 20000], atol=15)
    np.testing.assert_allclose(form.high, [18000, 180000], atol=15)
    assert (form.dtype, form.suffix) == ("float32", ".npy")


@pytest.mark.parametrize(
    ("dtype", "channels", "given", "suffix", "written"),
    [
        ("uint16", 1, 1, ".png", ".png"),
        ("uint16", 3, "rgb", ".png", ".png"),
        ("uint16", 2, 2, ".tif", ".tif"),
        ("uint8", 3, "grey", ".bmp", ".bmp"),
        ("float32", 1, 1, ".npy", ".npy"),
    ],
)
def test_pictures_are_written_as_they_were(tmp_path, dtype, channels, given, suffix, written):
    paths = files(tmp_path, np.zeros((2, 2, channels), dtype), suffix=suffix)
    form = format_of(FormatSettings(channels=given, range=(0, 1)), paths, "target_format")
    assert form.suffix == written
    write_picture(tmp_path / f"again{form.suffix}", np.zeros((2, 2, form.depth), dtype))


def test_a_depth_whose_range_is_not_stated_is_refused(tmp_path):
    (path,) = files(tmp_path, np.zeros((2, 2, 1), np.uint16))
    with pytest.raises(DataError) as error:
        format_of(FormatSettings(), [path], "source_format")
    assert str(error.value) == (
        f"{path} has 1 channel of uint16, and not of 8 bits; set source_format.range to the values that are to be "
        "darkest and brightest, such as [0, 65535], or source_format.percentiles to [0.5, 99.5], "
        "and source_format.channels to 1"
    )


def test_a_channel_of_one_value_has_no_percentiles(tmp_path):
    paths = files(tmp_path, np.stack([np.eye(4), np.full((4, 4), 7)], -1).astype(np.float32))
    with pytest.raises(DataError) as error:
        format_of(FormatSettings(channels=2, percentiles=(1, 99)), paths, "source_format")
    assert str(error.value) == (
        f"channel 2 of the pictures in {tmp_path} has the same value, 7, at the percentiles 1 and 99; "
        "state a range, or percentiles further apart"
    )


def test_the_first_file_that_can_be_read_tells(tmp_path):
    paths = files(tmp_path, np.zeros((2, 2, 3), np.uint8), suffix=".png")
    (tmp_path / "0a.png").write_bytes(b"broken")
    assert format_of(FormatSettings(), [tmp_path / "0a.png", *paths], "source_format") == RGB


def test_classes(tmp_path):
    paths = files(tmp_path, np.zeros((2, 2, 1), np.uint8), suffix=".png")
    for given, listed in [(3, (0, 1, 2)), ([4, 9], (4, 9)), ([(0, 0, 0), (1, 2, 3)],) * 2]:
        form = format_of(FormatSettings(classes=given), paths, "source_format")
        assert form.classes == tuple(listed)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"channels": 0}, "channels are 0; expected rgb, grey, or 1 to 4096"),
        ({"range": (5, 5)}, "range is [5.0, 5.0]; expected the lower value first"),
        (
            {"percentiles": (-1, 50)},
            "percentiles are [-1.0, 50.0]; expected two from 0 to 100, the lower first",
        ),
        (
            {"range": (0, 1), "percentiles": (1, 99)},
            "range and percentiles are both given; expected one of them",
        ),
        (
            {"classes": 3, "channels": 1},
            "classes take no channels, range or percentiles beside them",
        ),
        ({"classes": 1}, "there are 1 classes; expected 2 to 254"),
        ({"classes": [1, 1]}, "a class is listed twice"),
    ],
)
def test_settings_that_contradict_each_other(given, message):
    with pytest.raises(ValidationError) as error:
        FormatSettings(**given)
    assert str(error.value.errors()[0]["ctx"]["error"]) == message
