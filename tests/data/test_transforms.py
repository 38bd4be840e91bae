import numpy as np
import pytest
from PIL import Image

from zoo.data.transforms import random_flip, random_turn, random_window, resize


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def chances(count):
    return [np.random.default_rng(seed) for seed in range(count)]


def test_resize_is_pillows_bicubic():
    before = picture(30, 50)
    after = resize(before, 12, 20)
    assert after.shape == (12, 20, 3)
    wanted = Image.fromarray(before).resize((20, 12), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(after, np.asarray(wanted))


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
