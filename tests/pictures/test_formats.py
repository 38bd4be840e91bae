"""What values in files mean to a network, and back."""

import numpy as np
import pytest
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.pictures import RGB, PictureFormat, write_picture


def test_8_bit_colours_are_scaled_from_minus_1_to_1():
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, -1)
    seen = RGB.to_network(stored)
    assert (seen.dtype, seen.min(), seen.max()) == (np.float32, -1, 1)
    np.testing.assert_allclose(seen, stored / 127.5 - 1, atol=1e-7)
    np.testing.assert_array_equal(RGB.from_network(seen), stored)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        ("uint16", (0.0,), (65535.0,)),
        ("uint16", (100.0,), (4095.0,)),
        ("int16", (-2000.0,), (8000.0,)),
        ("uint8", (16.0,), (235.0,)),
        ("float32", (-0.5,), (1.25,)),
        ("uint16", (0.0, 10.0), (1000.0, 60000.0)),
    ],
)
def test_a_range_becomes_minus_1_to_1_and_comes_back(dtype, low, high):
    form = PictureFormat(2, dtype, low, high)
    steps = np.linspace(0, 1, 101).reshape(101, 1, 1)
    stored = (np.array(low) + steps * (np.array(high) - np.array(low))) * np.ones(2)
    stored = stored.astype(dtype) if dtype == "float32" else np.rint(stored).astype(dtype)
    seen = form.to_network(stored)
    wanted = 2 * (stored - np.array(low)) / (np.array(high) - np.array(low)) - 1
    np.testing.assert_allclose(seen, wanted, atol=1e-5)
    back = form.from_network(seen)
    assert back.dtype == dtype
    np.testing.assert_allclose(back, stored, atol=1e-6 if dtype == "float32" else 0)


def test_what_lies_outside_the_range_is_clipped():
    form = PictureFormat(1, "uint16", (100.0,), (200.0,))
    stored = np.array([[[0], [100], [150], [200], [65535]]], np.uint16)
    np.testing.assert_allclose(form.to_network(stored)[0, :, 0], [-1, -1, 0, 1, 1])
    painted = np.array([[[-3.0], [0.0], [3.0]]])
    np.testing.assert_array_equal(form.from_network(painted)[0, :, 0], [100, 150, 200])


def test_what_is_no_number_is_the_lowest(tmp_path):
    write_picture(tmp_path / "x.npy", np.array([[np.nan, 5.0], [np.inf, -np.inf]], np.float32))
    form = PictureFormat(1, "float32", (2.0,), (8.0,))
    stored = form.read(tmp_path / "x.npy")
    np.testing.assert_array_equal(form.to_network(stored)[..., 0], [[-1, 0], [1, -1]])


def test_grey_and_colours_become_each_other():
    colours = np.random.default_rng(0).integers(0, 256, (5, 6, 3), np.uint8)
    grey = PictureFormat("grey").as_stored(colours)
    wanted = np.asarray(Image.fromarray(colours).convert("L"))
    np.testing.assert_allclose(grey[..., 0].astype(int), wanted, atol=1)
    np.testing.assert_array_equal(RGB.as_stored(grey), grey.repeat(3, -1))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_transparency_is_laid_on_white(dtype):
    most = 1 if dtype == "float32" else np.iinfo(dtype).max
    picture = np.zeros((1, 3, 4), dtype)
    picture[0, :, 3] = [0, most, most // 2 if most > 1 else 0.5]
    laid = PictureFormat("rgb", dtype, (0.0,), (float(most),)).as_stored(picture)
    np.testing.assert_allclose(laid[0, :, 0] / most, [1, 0, 0.5], atol=0.01)
    assert laid.dtype == dtype


LABELS = np.array([[0, 1, 2], [2, 255, 0]], np.uint8)[..., None]


def test_label_maps_are_one_hot():
    form = PictureFormat(classes=(0, 1, 2))
    assert form.depth == 3
    seen = form.to_network(form.as_stored(LABELS))
    wanted = np.full((2, 3, 3), -1.0)
    for row, column, label in [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 0, 2), (1, 2, 0)]:
        wanted[row, column, label] = 1
    np.testing.assert_array_equal(seen, wanted)
    assert (seen[1, 1] == -1).all()


def test_labels_of_any_value_and_colours_come_back():
    form = PictureFormat(classes=(7, 200, 13))
    labels = np.array([[7, 13, 200]], np.uint8)[..., None]
    seen = form.to_network(form.as_stored(labels))
    np.testing.assert_array_equal(np.argmax(seen, -1), [[0, 2, 1]])
    np.testing.assert_array_equal(form.from_network(0.3 * seen), labels)
    coloured = PictureFormat(classes=((0, 0, 255), (255, 0, 0), (0, 255, 0)))
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    seen = coloured.to_network(coloured.as_stored(colours))
    np.testing.assert_array_equal(np.argmax(seen, -1), [[1, 2, 0]])
    np.testing.assert_array_equal(coloured.from_network(seen), colours)
    np.testing.assert_array_equal(coloured.for_people(seen), colours)


def test_deep_label_maps():
    form = PictureFormat(dtype="uint16", classes=(0, 1000, 40000))
    labels = np.array([[1000, 40000, 0]], np.uint16)[..., None]
    seen = form.to_network(form.as_stored(labels))
    np.testing.assert_array_equal(np.argmax(seen, -1), [[1, 2, 0]])
    back = form.from_network(seen)
    assert back.dtype == np.uint16
    np.testing.assert_array_equal(back, labels)


@pytest.mark.parametrize(
    ("form", "array", "message"),
    [
        (RGB, np.zeros((2, 2, 3), np.uint16), "has values of 16 bits; expected 8 bits"),
        (
            PictureFormat(1, "float32"),
            np.zeros((2, 2, 1), np.int16),
            "has values of signed 16 bits; expected floating-point 32 bits",
        ),
        (
            RGB,
            np.zeros((2, 2, 6), np.uint8),
            "has 6 channels; expected grey or colours, or set channels to 6",
        ),
        (PictureFormat(4), np.zeros((2, 2, 1), np.uint8), "has 1 channel; expected 4"),
        (
            PictureFormat(classes=(0, 1)),
            np.zeros((2, 2, 3), np.uint8),
            "has 3 channels; expected a label map of one, or a list of the classes' colours",
        ),
        (
            PictureFormat(classes=(0, 1)),
            np.full((2, 2, 1), 9, np.uint8),
            "has pixels of the value 9, which is none of its 2 classes",
        ),
        (
            PictureFormat(classes=((0, 0, 0), (9, 9, 9))),
            np.full((2, 2, 3), 8, np.uint8),
            "has pixels of the colour [8, 8, 8], which is none of its 2 classes",
        ),
    ],
)
def test_other_formats_are_refused(tmp_path, form, array, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - compared below
        form.as_stored(array)
    assert str(error.value) == message
    write_picture(tmp_path / "x.tif", array)
    with pytest.raises(DataError) as refused:
        form.read(tmp_path / "x.tif")
    assert str(refused.value) == f"{tmp_path / 'x.tif'} {message}"


@pytest.mark.parametrize(
    "form",
    [
        RGB,
        PictureFormat(6, "uint16", (0.0,), (10000.0,), suffix=".tif"),
        PictureFormat(2, "float32", (0.5, 1.0), (1.5, 8.0), suffix=".npy"),
        PictureFormat(classes=(0, 1, 5)),
        PictureFormat(classes=((0, 0, 0), (9, 9, 9))),
    ],
)
def test_formats_survive_json(form):
    import json

    assert PictureFormat.from_json(json.loads(json.dumps(form.as_json()))) == form


def test_people_see_grey_first_channels_and_classes():
    one = PictureFormat(1, "uint16", (0.0,), (1000.0,))
    ramp = np.linspace(-1, 1, 5).reshape(1, 5, 1)
    np.testing.assert_array_equal(one.for_people(ramp)[0, :, 1], [0, 64, 128, 191, 255])
    six = PictureFormat(6, "uint16").for_people(np.linspace(-1, 1, 6).reshape(1, 1, 6))
    np.testing.assert_array_equal(six, [[[0, 51, 102]]])
    classes = PictureFormat(classes=tuple(range(12)))
    assert len({tuple(colour) for colour in classes.palette}) == 12
    nowhere = classes.for_people(np.full((1, 1, 12), -1.0))
    np.testing.assert_array_equal(nowhere, [[[255, 255, 255]]])


def test_a_file_that_cannot_hold_the_picture_is_refused(tmp_path):
    with pytest.raises(ZooError) as error:
        write_picture(tmp_path / "x.png", np.zeros((2, 2, 6), np.uint16))
    assert str(error.value) == ("x.png cannot hold 6 channels of uint16; write a .tif or .npy file")
    assert list(tmp_path.iterdir()) == []
