import numpy as np
import pytest
from PIL import Image

from zoo.data.transforms import (
    centre_window,
    random_colour,
    random_flip,
    random_turn,
    random_window,
    resize,
    rotate_and_scale,
)


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def chances(count):
    return [np.random.default_rng(seed) for seed in range(count)]


def smooth(height, width):
    small = Image.fromarray(picture(5, 5))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def test_what_shrinks_is_the_mean_of_its_pixels():
    before = picture(30, 50)
    after = resize(before, 15, 10)
    assert after.shape == (15, 10, 3)
    wanted = before.reshape(15, 2, 10, 5, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(after, wanted, atol=0.51)


def test_what_grows_is_nearly_pillows_bicubic():
    before = smooth(64, 48)
    after = resize(before, 71, 54).astype(int)
    wanted = np.asarray(Image.fromarray(before).resize((54, 71), Image.Resampling.BICUBIC))
    assert np.abs(after - wanted).mean() < 0.5


def test_a_picture_may_shrink_one_way_and_grow_the_other():
    before = np.repeat(picture(40, 1), 10, axis=1)
    after = resize(before, 20, 30)
    assert after.shape == (20, 30, 3)
    wanted = before[:, :1].reshape(20, 2, 1, 3).mean(axis=1)
    np.testing.assert_allclose(after, np.repeat(wanted, 30, axis=1), atol=1.01)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "int32", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 4, 6, 13])
def test_any_type_and_number_of_channels_is_resized_and_turned(dtype, channels):
    ramp = np.arange(8 * 8 * channels).reshape(8, 8, channels).astype(dtype)
    same = rotate_and_scale(ramp, 0, 1)
    np.testing.assert_allclose(same, ramp)
    assert resize(ramp, 4, 4).shape == (4, 4, channels)
    np.testing.assert_allclose(
        resize(ramp, 4, 4), ramp.reshape(4, 2, 4, 2, channels).mean((1, 3)), atol=0.51
    )
    quarter = rotate_and_scale(ramp, 90, 1)
    np.testing.assert_allclose(quarter, np.rot90(ramp), atol=1)


def test_label_maps_keep_their_labels():
    labels = np.random.default_rng(3).choice([3, 90, 200], (16, 16, 1)).astype(np.uint8)
    for moved in (
        resize(labels, 37, 23, nearest=True),
        resize(labels, 5, 7, nearest=True),
        rotate_and_scale(labels, 33, 1.3, nearest=True),
    ):
        assert set(np.unique(moved)) == {3, 90, 200}
    np.testing.assert_array_equal(
        resize(labels, 32, 32, nearest=True), labels.repeat(2, 0).repeat(2, 1)
    )


def test_zooming_in_shows_the_middle_larger():
    before = smooth(65, 65)
    zoomed = rotate_and_scale(before, 0, 2.0).astype(int)
    np.testing.assert_array_equal(zoomed[32, 32], before[32, 32])
    np.testing.assert_array_equal(zoomed[0:65:2, 0:65:2], before[16:49, 16:49])


def test_what_comes_in_from_outside_is_the_mirror_image():
    ramp = np.tile(np.arange(0, 90, 10, dtype=np.uint8)[None, :, None], (9, 1, 3))
    smaller = rotate_and_scale(ramp, 0, 0.5)
    np.testing.assert_array_equal(smaller[4, :, 0], [40, 20, 0, 20, 40, 60, 80, 60, 40])


def test_colours_change_within_their_bounds():
    before = (smooth(16, 16) / np.float32(127.5) - 1).astype(np.float32)
    changed = [random_colour(before, 0.3, random) for random in chances(20)]
    assert all(after.dtype == np.float32 for after in changed)
    assert all(np.abs(after).max() <= 1 for after in changed)
    means = [(after.mean() + 1) / (before.mean() + 1) for after in changed]
    assert 0.7 <= min(means) < 0.9
    assert 1.1 < max(means) <= 1.3
    np.testing.assert_allclose(random_colour(before, 0.0, chances(1)[0]), before, atol=1e-6)


class Drawn:
    """A generator whose numbers are given."""

    def __init__(self, *numbers):
        self.numbers = np.array(numbers)

    def uniform(self, low, high, size):
        assert (low, high, size) == (0, 2, self.numbers.size)
        return self.numbers


def test_brightness_contrast_and_saturation_are_three_things():
    """Each by its closed form, on light of 0 to 1."""
    before = np.random.default_rng(0).uniform(-0.5, 0.5, (8, 8, 3)).astype(np.float32)
    light = (before + 1) / 2
    grey = light.mean(axis=-1, keepdims=True)
    for factors, expected in (
        ((0.5, 1, 1), light * 0.5),
        ((1, 0.5, 1), (light - light.mean()) * 0.5 + light.mean()),
        ((1, 1, 0.5), (light - grey) * 0.5 + grey),
        ((1, 1, 0), grey.repeat(3, axis=-1)),
    ):
        after = random_colour(before, 1.0, Drawn(*factors))
        np.testing.assert_allclose((after + 1) / 2, expected, atol=1e-6)


def test_the_middle_window_is_in_the_middle():
    assert centre_window(10, 7, 4, 3) == (slice(3, 7), slice(2, 5))


def test_resize_to_the_same_size_changes_nothing():
    before = picture(8, 9)
    assert resize(before, 8, 9) is before


def test_bicubic_overshoot_is_clipped():
    edge = np.zeros((8, 8, 3), np.uint8)
    edge[:, 4:] = 255
    after = resize(edge, 32, 32)
    assert after.min() == 0
    assert after.max() == 255
    # Had it wrapped around, there would be white on the dark side.
    assert after[:, :12].max() < 20


def test_a_view_is_resized_like_a_copy():
    whole = picture(20, 40)
    half = whole[:, 20:]
    np.testing.assert_array_equal(resize(half, 10, 10), resize(half.copy(), 10, 10))


def test_windows_lie_within_and_reach_every_edge():
    windows = [random_window(10, 7, 8, 4, random) for random in chances(200)]
    assert {rows.start for rows, _ in windows} == {0, 1, 2}
    assert {columns.start for _, columns in windows} == {0, 1, 2, 3}
    assert all(rows.stop - rows.start == 8 for rows, _ in windows)
    assert all(columns.stop - columns.start == 4 for _, columns in windows)


def test_a_window_as_large_as_the_picture_is_all_of_it():
    assert random_window(5, 6, 5, 6, np.random.default_rng(0)) == (slice(0, 5), slice(0, 6))


def test_half_of_the_pairs_are_flipped_and_always_alike():
    a = picture(4, 6)
    flipped = 0
    for random in chances(400):
        first, second = random_flip([a, 255 - a], random)
        np.testing.assert_array_equal(first, 255 - second)
        same = np.array_equal(first, a)
        assert same or np.array_equal(first, a[:, ::-1])
        flipped += not same
    assert 160 < flipped < 240


def test_flips_and_turns_lay_a_square_in_eight_ways():
    a = picture(5, 5)
    ways = set()
    for random in chances(200):
        first, second = random_turn(random_flip([a, 255 - a], random), random)
        np.testing.assert_array_equal(first, 255 - second)
        ways.add(first.tobytes())
    wanted = {np.rot90(b, k).tobytes() for b in (a, a[:, ::-1]) for k in range(4)}
    assert ways == wanted
    assert len(ways) == 8


@pytest.mark.parametrize("transform", [random_flip, random_turn])
def test_the_generator_alone_decides(transform):
    a = picture(5, 5)
    for seed in range(8):
        np.random.seed(seed)
        first, second = (transform([a], np.random.default_rng(seed))[0] for _ in range(2))
        np.testing.assert_array_equal(first, second)
