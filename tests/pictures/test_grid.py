import numpy as np
import pytest

from zoo.pictures.grid import GAP, HEADER, draw_grid


def flat(value, height, width, channels=3):
    return np.full((height, width, channels), value, np.float32)


def test_places_one_column_a_label_and_one_row_an_example():
    grid = draw_grid(
        {
            "source": [flat(-1, 100, 100), flat(0, 100, 100)],
            "target": [flat(1, 100, 100), flat(-1, 100, 100)],
        }
    )
    # 100 px are shown at twice their size, so that they reach 192.
    assert grid.shape == (HEADER + 2 * (200 + GAP), 2 * 200 + 3 * GAP, 3)
    assert grid.dtype == np.uint8
    left, right = GAP + 100, 2 * GAP + 300
    upper, lower = HEADER + 100, HEADER + 200 + GAP + 100
    assert [int(grid[y, x, 0]) for y in (upper, lower) for x in (left, right)] == [0, 255, 128, 0]


def test_labels_are_drawn_above_the_columns():
    grid = draw_grid({"source": [flat(1, 200, 200)], "target": [flat(1, 200, 200)]})
    for left in (GAP, 2 * GAP + 200):
        assert grid[:HEADER, left : left + 200].min() < 100


def test_small_pictures_keep_their_pixels_square():
    picture = np.zeros((2, 2, 3), np.float32)
    picture[0, 0] = 1
    grid = draw_grid({"a": [picture]})
    assert grid.shape[0] == HEADER + 192 + GAP
    cell = grid[HEADER : HEADER + 192, GAP : GAP + 192]
    assert (cell[:96, :96] == 255).all()
    assert (cell[96:] == 128).all()


def test_source_and_target_of_different_sizes_are_shown_at_one_height():
    grid = draw_grid({"source": [flat(-1, 64, 64)], "target": [flat(-1, 256, 512)]})
    assert grid.shape == (HEADER + 256 + GAP, 256 + 512 + 3 * GAP, 3)
    assert (grid[HEADER + 5 : HEADER + 250, GAP + 5 : GAP + 250] == 0).all()


@pytest.mark.parametrize(("height", "width"), [(1024, 1024), (64, 4000), (3, 4000)])
def test_large_and_long_pictures_stay_readable(height, width):
    grid = draw_grid({"a": [flat(0, height, width)]})
    assert grid.shape[0] <= HEADER + 384 + GAP
    assert grid.shape[1] <= 768 + 2 * GAP


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_any_number_of_channels_is_shown(channels):
    grid = draw_grid({"a": [flat(-1, 192, 192, channels)]})
    assert (grid[HEADER : HEADER + 192, GAP : GAP + 192] == 0).all()


def test_pictures_to_look_at_are_shown_as_they_are():
    picture = np.full((192, 192, 3), (200, 100, 7), np.uint8)
    grid = draw_grid({"a": [picture]})
    assert (grid[HEADER : HEADER + 192, GAP : GAP + 192] == picture).all()


@pytest.mark.parametrize("columns", [{}, {"a": []}, {"a": [flat(0, 4, 4)], "b": []}])
def test_columns_that_do_not_match_are_refused(columns):
    with pytest.raises(ValueError, match="equally many pictures, at least one"):
        draw_grid(columns)
