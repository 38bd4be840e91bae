import numpy as np
import pytest
from PIL import Image

from zoo.pictures import RGB, write_picture
from zoo.pictures.grid import draw_grid
from zoo.pictures.grid_file import read_grid, write_grid


def noise(seed, height, width):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("height", [3, 64, 100, 192, 384])
def test_pictures_are_read_as_they_were(height, tmp_path):
    columns = {
        "source": [noise(0, height, 2 * height), noise(1, height, 2 * height)],
        "translated é": [noise(2, height, 2 * height), noise(3, height, 2 * height)],
    }
    write_grid(tmp_path / "samples" / "grid.png", columns)
    pixels, found = read_grid(tmp_path / "samples" / "grid.png")
    np.testing.assert_array_equal(pixels, draw_grid(columns))
    assert list(found) == list(columns)
    for label, pictures in columns.items():
        np.testing.assert_array_equal(np.stack(found[label]), np.stack(pictures))
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["grid.png"]


def test_pictures_of_other_sizes_are_read_as_they_were_drawn(tmp_path):
    floats = np.linspace(-1, 1, 50 * 50 * 3, dtype=np.float32).reshape(50, 50, 3)
    write_grid(tmp_path / "grid.png", {"large": [noise(0, 500, 400)], "small": [floats]})
    _, found = read_grid(tmp_path / "grid.png")
    assert found["large"][0].shape == (384, 307, 3)
    assert found["small"][0].shape == (384, 384, 3)
    write_grid(tmp_path / "grid.png", {"small": [floats]})
    np.testing.assert_array_equal(
        read_grid(tmp_path / "grid.png")[1]["small"][0], RGB.for_people(floats)
    )


def test_a_picture_that_says_nothing_of_places_is_one_as_a_whole(tmp_path):
    picture = noise(0, 20, 30)
    write_picture(tmp_path / "grid.png", picture)
    pixels, found = read_grid(tmp_path / "grid.png")
    np.testing.assert_array_equal(pixels, picture)
    assert found == {}
    with Image.open(tmp_path / "grid.png") as file:
        assert file.info == {}
