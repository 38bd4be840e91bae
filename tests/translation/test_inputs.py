import re

import numpy as np
import pytest
from PIL import Image

from zoo.errors import ZooError
from zoo.pictures import RGB, PictureFormat
from zoo.translation.inputs import as_source

RED, HALF_RED = (255, 0, 0), (255, 0, 0, 128)
GREY = PictureFormat("grey")
FOUR = PictureFormat(4)
SCAN = PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif")
MEASURED = PictureFormat(2, "float32", (-1.0,), (7.0,), suffix=".npy")
LABELS = PictureFormat(classes=(0, 1, 2))


def first(picture, form=RGB):
    values, _ = as_source(picture, form)
    return values[0, 0].tolist()


# === Images ===


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 100, [100] * 3),
        ("1", 1, [255] * 3),
        ("RGB", RED, list(RED)),
        ("RGBA", HALF_RED, [255, 127, 127]),
        ("LA", (0, 51), [204] * 3),
        ("CMYK", (0, 255, 255, 0), list(RED)),
    ],
)
def test_images_become_colours(mode, colour, expected):
    values, in_files = as_source(Image.new(mode, (3, 2), colour), RGB)
    assert in_files
    assert (values.shape, values.dtype) == ((2, 3, 3), np.uint8)
    assert values[0, 0].tolist() == expected


def test_a_palette_becomes_colours_or_of_label_maps_its_indices():
    image = Image.fromarray(np.array([[2, 0]], np.uint8))
    image.putpalette([0, 0, 0, 0, 255, 0, *RED])
    assert first(image) == list(RED)
    assert first(image, LABELS) == [2]
    assert first(image, PictureFormat(classes=(RED, (0, 0, 0)))) == [0]


def test_images_of_more_than_8_bits_are_taken_as_they_are():
    assert first(Image.new("I;16", (2, 2), 4000), SCAN) == [4000]
    assert first(Image.new("I", (2, 2), -5), PictureFormat(1, "int32", (-9.0,), (9.0,))) == [-5]
    assert first(Image.new("F", (2, 2), 0.5), PictureFormat(1, "float32", (0.0,), (1.0,))) == [0.5]


# === Arrays ===


@pytest.mark.parametrize(
    ("array", "form", "in_files"),
    [
        (np.zeros((4, 5, 3), np.uint8), RGB, True),
        (np.zeros((4, 5), np.uint8), GREY, True),
        (np.zeros((4, 5), np.uint16), SCAN, True),
        (np.zeros((4, 5), np.uint8), LABELS, True),
        (np.zeros((4, 5, 2), np.float32), MEASURED, True),
        (np.zeros((4, 5, 2), np.float64), MEASURED, True),
        (np.zeros((4, 5, 3), np.float64), RGB, False),
        (np.zeros((4, 5), np.float32), SCAN, False),
        (np.zeros((4, 5, 3), np.float32), LABELS, False),
    ],
)
def test_the_type_tells_what_the_values_are(array, form, in_files):
    values, stored = as_source(array, form)
    assert stored == in_files
    assert values.shape == (4, 5, 1 if form.classes and in_files else form.depth)
    assert values.dtype == (form.dtype if in_files else np.float32)


def test_channels_are_repeated_and_mixed():
    assert first(np.full((1, 1), 7, np.uint8)) == [7, 7, 7]
    assert first(np.full((1, 1), -0.5)) == [-0.5] * 3
    mixed = 2 * 0.299 - 1
    assert first(np.array([[[1.0, -1.0, -1.0]]]), GREY) == pytest.approx([mixed], abs=1e-6)
    assert first(np.array([[[255, 0, 0]]], np.uint8), GREY) == [76]


def test_transparency_is_laid_on_white():
    tile = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [255, 0, 0, 51]]], np.uint8)
    expected = [[255, 0, 0], [255, 255, 255], [255, 204, 204]]
    assert as_source(tile, RGB)[0][0].tolist() == expected
    of_floats, in_files = as_source(tile / 127.5 - 1, RGB)
    assert not in_files
    np.testing.assert_allclose(of_floats[0], np.array(expected) / 127.5 - 1, atol=1e-6)


def test_as_many_channels_as_wanted_are_left_alone():
    tile = np.arange(8, dtype=np.uint8).reshape(1, 2, 4)
    np.testing.assert_array_equal(as_source(tile, FOUR)[0], tile)
    np.testing.assert_array_equal(as_source(tile / 255, FOUR)[0], np.float32(tile / 255))


def test_what_is_no_number_in_values_of_files_is_a_hole_which_a_network_sees_as_the_lowest():
    measured = np.array([[[np.nan, 3.0]]], np.float32)
    stored, _ = as_source(measured, MEASURED)
    np.testing.assert_array_equal(stored, measured)
    np.testing.assert_array_equal(MEASURED.to_network(stored), [[[-1, 0]]])


@pytest.mark.parametrize(
    ("picture", "form", "message"),
    [
        (np.zeros(3, np.uint8), RGB, "the picture has the shape (3,); expected (height, width)"),
        (np.zeros((0, 3), np.uint8), RGB, "the shape (0, 3); expected (height, width)"),
        (np.zeros((1, 2, 3, 3), np.uint8), RGB, "the shape (1, 2, 3, 3); expected"),
        (
            np.zeros((2, 2), np.uint16),
            RGB,
            "the picture's values are uint16; expected uint8 as in files, or float in [-1, 1]",
        ),
        (np.zeros((2, 2), bool), RGB, "values are bool; expected uint8 as in files, or float"),
        (
            np.zeros((2, 2), np.uint8),
            SCAN,
            "the picture's values are uint8; expected uint16 as in files, or float in [-1, 1]",
        ),
        (
            np.zeros((2, 2, 2), np.uint16),
            MEASURED,
            "the picture's values are uint16; expected float32 as in files",
        ),
        (
            np.full((2, 2), 255.0),
            RGB,
            "lie between 255 and 255; expected float in [-1, 1], or uint8 as in files",
        ),
        (np.full((2, 2), np.nan), RGB, "lie between nan and nan"),
        (
            np.zeros((2, 2, 5), np.uint8),
            RGB,
            "the picture has 5 channels; expected grey or colours",
        ),
        (np.zeros((2, 2, 5)), RGB, "the picture has 5 channels; expected grey or colours"),
        (np.zeros((2, 2, 3), np.uint8), FOUR, "the picture has 3 channels; expected 4"),
        (np.zeros((2, 2, 2)), LABELS, "the picture has 2 channels; expected 3"),
        (np.full((2, 2), 9, np.uint8), LABELS, "the picture has pixels of the value 9, which is"),
        (Image.new("I;16", (2, 2)), RGB, "the picture has values of 16 bits; expected 8 bits"),
        (Image.new("L", (2, 2)), SCAN, "the picture has values of 8 bits; expected 16 bits"),
        (
            Image.new("F", (2, 2)),
            RGB,
            "the picture has values of floating-point 32 bits; expected 8 bits",
        ),
        (Image.new("RGB", (0, 2)), RGB, "the picture is empty"),
    ],
)
def test_what_is_no_such_picture_is_refused(picture, form, message):
    with pytest.raises(ZooError, match=re.escape(message)):
        as_source(picture, form)
