"""Sizes and augmentation of examples."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.data.preparation import Preparation, preparation_of
from zoo.data.transforms import resize
from zoo.pictures import RGB, PictureFormat

LABELS = PictureFormat(classes=(0, 1, 2))
PLAIN = Preparation(8, 8, flip=False, jitter=0.0)


def ramp(height, width):
    """A picture whose values tell the place of every pixel."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows, columns, rows * 0], axis=-1).astype(np.uint8)


def places(shown):
    """The rows and columns that a prepared ramp shows."""
    values = np.rint((shown + 1) * 127.5).astype(int)
    return values[..., 0], values[..., 1]


def prepare(preparation, picture, seed=None):
    random = None if seed is None else np.random.default_rng(seed)
    (shown,) = preparation([picture], [RGB], random)
    return shown


def test_crop_takes_the_middle_of_held_out_and_any_part_of_training_pictures():
    preparation = replace(PLAIN, preprocess="crop")
    rows, columns = places(prepare(preparation, ramp(20, 30)))
    np.testing.assert_array_equal(rows[:, 0], np.arange(6, 14))
    np.testing.assert_array_equal(columns[0], np.arange(11, 19))
    starts = set()
    for seed in range(300):
        rows, columns = places(prepare(preparation, ramp(20, 30), seed))
        np.testing.assert_array_equal(rows[:, 0] - rows[0, 0], np.arange(8))
        np.testing.assert_array_equal(columns[0] - columns[0, 0], np.arange(8))
        starts.add((rows[0, 0], columns[0, 0]))
    assert {top for top, _ in starts} == set(range(13))
    assert {left for _, left in starts} == set(range(23))


@pytest.mark.parametrize(
    ("size", "jitter", "augmented", "wanted"),
    [
        ((100, 200), 0.0, False, (8, 16)),  # too low: stretched, as the reference does
        ((400, 200), 0.0, False, (32, 16)),
        ((400, 200), 0.25, True, (40, 20)),
        ((400, 200), 0.25, False, (32, 16)),
    ],
)
def test_scale_width_and_crop_keeps_proportions(size, jitter, augmented, wanted):
    preparation = Preparation(8, 16, preprocess="scale_width_and_crop", jitter=jitter)
    assert preparation.resized(*size, augmented=augmented) == wanted
    shown = prepare(preparation, ramp(*size) // 2, 0 if augmented else None)
    assert shown.shape == (8, 16, 3)


def test_scale_width_keeps_the_whole_picture():
    preparation = replace(PLAIN, preprocess="scale_width", multiple=4).fitted(60, 40)
    assert (preparation.height, preparation.width) == (12, 8)
    shown = prepare(preparation, ramp(60, 40))
    wanted = RGB.to_network(resize(ramp(60, 40), 12, 8))
    np.testing.assert_array_equal(shown, wanted)
    np.testing.assert_array_equal(prepare(preparation, ramp(60, 40), 1), wanted)


def test_none_continues_pictures_by_their_mirror_image_to_a_multiple():
    preparation = replace(PLAIN, preprocess="none", multiple=8).fitted(13, 16)
    assert (preparation.height, preparation.width) == (16, 16)
    rows, columns = places(prepare(preparation, ramp(13, 16)))
    np.testing.assert_array_equal(rows[:, 0], [1, *range(13), 11, 10])
    np.testing.assert_array_equal(columns[0], range(16))


def test_pictures_that_do_not_come_out_alike_are_told():
    free = replace(PLAIN, preprocess="none").fitted(16, 16)
    assert free.misfit(16, 16) == ""
    assert free.misfit(16, 18) == (
        "is 18 x 16 pixels, which preprocess none makes 18 x 16, others 16 x 16; "
        "expected one size: use resize_and_crop, crop or scale_width_and_crop"
    )
    crop = replace(PLAIN, preprocess="crop")
    assert crop.misfit(8, 8) == ""
    assert crop.misfit(9, 7) == (
        "is 7 x 9 pixels, less than the 8 x 8 that is cropped; use resize_and_crop, or a smaller size"
    )


EVERYTHING = Preparation(16, 16, turns=True, jitter=0.3, rotate=30, scale=0.4, colour=0.5)


def test_all_pictures_of_an_example_move_alike():
    labels = np.random.default_rng(0).integers(0, 3, (6, 6, 1), np.uint8)
    labels = labels.repeat(4, 0).repeat(4, 1)
    seen = set()
    for seed in range(30):
        first, second = EVERYTHING([labels, labels], [LABELS, LABELS], np.random.default_rng(seed))
        np.testing.assert_array_equal(first, second)
        assert set(np.unique(first)) == {-1, 1}
        assert (first.sum(axis=-1) == -1).all()  # exactly one class a pixel
        seen.add(first.tobytes())
    assert len(seen) == 30


def test_zooming_out_goes_as_far_as_zooming_in(monkeypatch):
    factors = []

    def noted(picture, degrees, factor, *, nearest):
        factors.append(factor)
        return picture

    monkeypatch.setattr("zoo.data.preparation.rotate_and_scale", noted)
    for seed in range(300):
        prepare(replace(PLAIN, scale=1.0), ramp(8, 8), seed)
    assert 0.5 <= min(factors) < 0.51
    assert 1.98 < max(factors) <= 2
    assert np.mean(np.log(factors)) == pytest.approx(0, abs=0.05)


def test_colours_change_in_the_source_alone():
    small = np.random.default_rng(0).integers(60, 200, (16, 16, 3), np.uint8)
    coloured = Preparation(16, 16, flip=False, jitter=0.0, colour=0.5)
    for seed in range(5):
        source, target = coloured([small, small], [RGB, RGB], np.random.default_rng(seed))
        np.testing.assert_array_equal(target, RGB.to_network(small))
        assert np.abs(source - target).mean() > 0.01
    source, target = coloured([small, small], [RGB, RGB], None)
    np.testing.assert_array_equal(source, target)


def test_what_is_not_asked_for_draws_no_chance():
    """Recipes that ask for flips alone see the same examples whatever else can be asked for."""
    flips = Preparation(8, 8, jitter=0.0)
    random = np.random.default_rng(4)
    flips([ramp(8, 8)], [RGB], random)
    expected = np.random.default_rng(4)
    expected.integers(0, 1), expected.integers(0, 1), expected.random()
    assert random.random() == expected.random()


def test_examples_are_in_range_whatever_is_done_to_them():
    deep = PictureFormat(5, "uint16", (0.0,), (60000.0,))
    picture = np.random.default_rng(0).integers(0, 65536, (20, 20, 5), np.uint16)
    for seed in range(10):
        (shown,) = EVERYTHING([picture], [deep], np.random.default_rng(seed))
        assert shown.shape == (16, 16, 5)
        assert shown.dtype == np.float32
        assert np.abs(shown).max() <= 1


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (0, {}, "the size is 0 x 0; expected at least 1 pixel each way"),
        (
            (8, 4),
            {"turns": True},
            "turns needs square pictures, but the size is 8 x 4; set turns to false or use one number as size",
        ),
        (
            8,
            {"turns": True, "preprocess": "none"},
            "turns needs square pictures, which preprocess none does not promise; set turns to false, or use "
            "resize_and_crop, crop or scale_width_and_crop",
        ),
        (
            8,
            {"multiple": 4},
            "multiple is for preprocess scale_width and none; with resize_and_crop the size is what size says",
        ),
    ],
)
def test_arguments_that_contradict_each_other(size, options, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - compared below
        preparation_of(size=size, **options)
    assert str(error.value) == message
