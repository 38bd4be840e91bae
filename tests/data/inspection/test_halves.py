import numpy as np
import pytest
from data.pictures_on_disk import save

from zoo.data.inspection.halves import Halves, side_by_side
from zoo.data.inspection.survey import survey


def smooth(height, width, seed):
    """A field of colours without edges."""
    rng = np.random.default_rng(seed)
    across, down = np.arange(width) / width, np.arange(height)[:, None] / height
    waves = [np.sin(rng.uniform(2, 6) * across + rng.uniform(2, 6) * down + k) for k in range(3)]
    return (127 + 100 * np.stack(waves, axis=-1)).astype(np.uint8)


def pair(height, width, seed):
    return np.concatenate([smooth(height, width, seed), 255 - smooth(height, width, seed)], axis=1)


PICTURES = {
    "pairs": (
        lambda seed: pair(32, 32, seed),
        Halves(True, True, "they are twice as wide as high, and a seam runs down their middle"),
    ),
    "pairs of another shape": (
        lambda seed: pair(32, 24, seed),
        Halves(True, True, "a seam runs down their middle"),
    ),
    "panoramas": (
        lambda seed: smooth(32, 64, seed),
        Halves(
            True,
            False,
            "they are twice as wide as high, though no seam is seen in their middle; if each is one picture, they are "
            "no pairs",
        ),
    ),
    "photos": (lambda seed: smooth(32, 48, seed), Halves(False)),
    "of odd width": (lambda seed: smooth(32, 65, seed), Halves(False)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pairs_side_by_side_are_guessed(tmp_path, name):
    draw, expected = PICTURES[name]
    files = [save(tmp_path / f"{seed}.png", draw(seed)) for seed in range(5)]
    assert side_by_side(files, survey(files)) == expected


def test_one_odd_picture_among_many_does_not_matter(tmp_path):
    files = [save(tmp_path / f"{seed}.png", pair(16, 16, seed)) for seed in range(30)]
    files.append(save(tmp_path / "odd.png", smooth(16, 33, 0)))
    assert side_by_side(files, survey(files)).likely
