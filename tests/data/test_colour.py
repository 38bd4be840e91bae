"""Colour spaces: published values, both directions, tensors, gradients, grey pictures."""

import keras
import numpy as np
import pytest
from keras import ops

from zoo import backend
from zoo.data.colour import grey, lab_of_srgb, linear_light, srgb_of_lab, srgb_of_light

# Lab (D65, 2° observer) of sRGB colours, as scikit-image 0.26 computes them.
LAB = {
    (0, 0, 0): (0, 0, 0),
    (255, 255, 255): (100, -0.00245, 0.00465),
    (255, 0, 0): (53.24059, 80.09231, 67.20275),
    (0, 255, 0): (87.73510, -86.18303, 83.17970),
    (0, 0, 255): (32.29567, 79.18559, -107.85730),
    (1, 1, 1): (0.27417, -0.00002, 0.00003),
    (119, 119, 119): (50.03444, -0.00140, 0.00265),
    (180, 90, 20): (48.34679, 32.43601, 52.15094),
}


@pytest.fixture(scope="module")
def colours():
    """A grid through all of sRGB, 0 to 1."""
    steps = np.linspace(0, 1, 18)
    return np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)


@pytest.mark.parametrize("colour", LAB)
def test_lab_of_known_colours(colour):
    np.testing.assert_allclose(lab_of_srgb(np.array(colour) / 255), LAB[colour], atol=1e-5)


def test_the_way_back(colours):
    np.testing.assert_allclose(srgb_of_lab(lab_of_srgb(colours)), colours, atol=1e-12)
    np.testing.assert_allclose(srgb_of_light(linear_light(colours)), colours, atol=1e-7)


def test_all_of_srgb_lies_within_the_stated_range(colours):
    lab = lab_of_srgb(colours)
    assert lab.min(axis=0).tolist() == pytest.approx([0, -86.183, -107.857], abs=1e-3)
    assert lab.max(axis=0).tolist() == pytest.approx([100, 98.233, 94.478], abs=1e-3)


def test_colours_that_no_screen_shows_are_clipped():
    chance = np.random.default_rng(0)
    lab = chance.uniform((0, -110, -110), (100, 110, 110), (500, 3))
    found = srgb_of_lab(lab)
    assert found.min() == 0
    assert found.max() == 1
    # Yellower than any light can be: z is held at 0.
    np.testing.assert_allclose(
        srgb_of_lab(np.array([5.0, 0.0, 60.0])), [0.14353, 0.05585, 0], atol=1e-5
    )


def test_tensors_give_what_arrays_give_in_float32(colours):
    tensor = ops.convert_to_tensor(colours.astype("float32"))
    lab = lab_of_srgb(tensor, ops)
    assert keras.backend.standardize_dtype(lab.dtype) == "float32"
    np.testing.assert_allclose(ops.convert_to_numpy(lab), lab_of_srgb(colours), atol=2e-4)
    np.testing.assert_allclose(ops.convert_to_numpy(srgb_of_lab(lab, ops)), colours, atol=1e-5)
    assert lab_of_srgb(colours.astype("float32")).dtype == np.float32


@pytest.mark.parametrize("function", [lab_of_srgb, srgb_of_lab, linear_light, srgb_of_light])
def test_gradients_are_finite_everywhere(function, colours):
    # Black, white, what is just beside them, and what is outside.
    edges = np.repeat([[-0.5], [-1e-8], [0.0], [1e-8], [0.0031308], [0.04045], [1.0], [1.5]], 3, 1)
    given = np.concatenate([colours, edges]).astype("float32")
    if function is srgb_of_lab:
        given = np.concatenate([given, lab_of_srgb(colours).astype("float32"), 100 * given])
    _, pullback, _ = backend.vjp(
        lambda x: (ops.sum(function(x, ops)), None), ops.convert_to_tensor(given)
    )
    gradient = ops.convert_to_numpy(pullback(ops.ones(())))
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


def test_grey_pictures_are_neutral_and_as_light_as_before():
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    without = grey(picture)
    assert without.dtype == np.uint8
    assert without.shape == picture.shape
    assert np.ptp(without, axis=-1).max() == 0
    # Half a step of 8 bits is at most 0.27 of L.
    difference = lab_of_srgb(picture / 255)[..., 0] - lab_of_srgb(without / 255)[..., 0]
    assert np.abs(difference).max() < 0.3
    np.testing.assert_array_equal(grey(without), without)


@pytest.mark.parametrize(
    ("colour", "value"),
    # sRGB of the light 0.2127, 0.7152 and 0.0722, and of all of it.
    [((255, 0, 0), 127), ((0, 255, 0), 220), ((0, 0, 255), 76), ((255, 255, 255), 255)],
)
def test_grey_of_known_colours(colour, value):
    assert grey(np.full((1, 1, 3), colour, np.uint8)).ravel().tolist() == [value] * 3
