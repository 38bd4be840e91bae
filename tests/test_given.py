import re

import numpy as np
import pytest
from PIL import Image

from zoo.errors import ZooError
from zoo.given import as_array, with_channels

RED, HALF_RED = (255, 0, 0), (255, 0, 0, 128)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 100, [100]),
        ("1", 1, [255]),
        ("RGB", RED, list(RED)),
        ("RGBA", HALF_RED, list(HALF_RED)),
        ("LA", (10, 20), [10, 10, 10, 20]),
        ("CMYK", (0, 255, 255, 0), list(RED)),
    ],
)
def test_images_become_arrays(mode, colour, expected):
    array = as_array(Image.new(mode, (3, 2), colour))
    assert array.shape == (2, 3, len(expected))
    assert array.dtype == np.uint8
    assert array[0, 0].tolist() == expected


def test_a_palette_becomes_colours():
    assert as_array(Image.new("RGB", (2, 2), RED).convert("P"))[0, 0].tolist() == list(RED)


def test_grey_arrays_get_a_channel():
    assert as_array(np.zeros((4, 5), np.uint8)).shape == (4, 5, 1)
    assert as_array(np.zeros((4, 5, 3), np.float64)).shape == (4, 5, 3)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros(3, np.uint8), "shape (3,); expected (height, width)"),
        (np.zeros((0, 3), np.uint8), "shape (0, 3); expected (height, width)"),
        (np.zeros((1, 2, 3, 3), np.uint8), "shape (1, 2, 3, 3); expected"),
        (np.zeros((2, 2), np.uint16), "values are uint16; expected uint8"),
        (np.zeros((2, 2), bool), "values are bool; expected uint8"),
        (np.full((2, 2), 255.0), "lie between 255 and 255; expected float in [-1, 1]"),
        (np.full((2, 2), np.nan), "lie between nan and nan"),
        (Image.new("I;16", (2, 2)), "more than 8 bits a channel (mode I;16)"),
        (Image.new("F", (2, 2)), "more than 8 bits a channel (mode F)"),
        (Image.new("RGB", (0, 2)), "the picture is empty"),
    ],
)
def test_what_is_no_picture_is_refused(picture, message):
    with pytest.raises(ZooError, match=re.escape(message)):
        as_array(picture)


def test_transparency_is_laid_on_white():
    tile = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [255, 0, 0, 51]]], np.uint8)
    expected = [[1, -1, -1], [1, 1, 1], [1, 0.6, 0.6]]
    np.testing.assert_allclose(with_channels(tile, 3)[0], expected, atol=1e-6)


def test_channels_are_repeated_and_mixed():
    assert with_channels(np.full((1, 1, 1), 255, np.uint8), 3).tolist() == [[[1, 1, 1]]]
    mixed = with_channels(np.array([[[1.0, -1.0, -1.0]]]), 1)
    np.testing.assert_allclose(mixed, [[[2 * 0.299 - 1]]], atol=1e-6)
    assert mixed.dtype == np.float32


def test_as_many_channels_as_wanted_are_left_alone():
    tile = np.arange(8, dtype=np.uint8).reshape(1, 2, 4)
    np.testing.assert_allclose(with_channels(tile, 4), tile / 127.5 - 1, atol=1e-6)


@pytest.mark.parametrize(("given", "wanted"), [(2, 3), (5, 3), (3, 5), (3, 4)])
def test_other_channels_are_refused(given, wanted):
    with pytest.raises(ZooError, match=f"has {given} channels; the network expects {wanted}"):
        with_channels(np.zeros((1, 1, given), np.uint8), wanted)
