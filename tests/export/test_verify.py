import numpy as np
import pytest

from zoo.export.exporter import Tolerance
from zoo.export.verify import Verification, verify

PICTURES = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
EXACT = Tolerance(difference=1e-4)


class Runtime:
    """A runtime that answers what a function does."""

    input_shape = (None, 8, 8, 3)

    def __init__(self, paint):
        self.paint = paint

    def __call__(self, pictures):
        return self.paint(pictures)


def network(pictures):
    return np.tanh(pictures)


def checked(paint, tolerance=EXACT):
    return verify(network, Runtime(paint), PICTURES, tolerance)


def test_the_network_itself_differs_by_nothing():
    found = checked(network)
    assert found == Verification(3, 0.0, 0.0, float("inf"), float("inf"))
    assert found.as_json()["psnr"] is None
    assert str(found) == (
        "largest difference 0 on [-1, 1], least PSNR none, over 3 held-out pictures"
    )


def test_differences_are_measured():
    def shifted(pictures):
        return (
            np.tanh(pictures)
            + np.float32(0.02) * (pictures == PICTURES[1]).all((1, 2, 3))[:, None, None, None]
        )

    found = checked(shifted, Tolerance(psnr=40))
    assert found.difference == pytest.approx(0.02, rel=1e-4)
    assert found.mean_difference == pytest.approx(0.02 / 3, rel=1e-4)
    assert found.psnr == pytest.approx(20 * np.log10(2 / 0.02), abs=1e-3)
    assert found.problem == ""


@pytest.mark.parametrize(
    ("paint", "tolerance", "problem"),
    [
        (
            lambda x: np.tanh(x) + np.float32(0.25),
            EXACT,
            "it differs from the network by 0.25 on [-1, 1]; its tolerance is 0.0001",
        ),
        (
            lambda x: np.tanh(x) + np.float32(0.25),
            Tolerance(psnr=38),
            "its pictures have a PSNR of 18.1 dB against the network's; its tolerance is 38 dB",
        ),
        (lambda x: x * np.nan, EXACT, "it answers values that are no numbers"),
        (
            lambda x: x[..., :1],
            EXACT,
            "it answers pictures of the shape (8, 8, 1), not (8, 8, 3)",
        ),
        (
            # As batch norm by the statistics of the whole batch would.
            lambda x: np.tanh(x) + np.float32(0.5) * (len(x) - 1),
            EXACT,
            "it paints two pictures together otherwise than one by one; they differ by 0.5",
        ),
    ],
)
def test_what_paints_other_pictures_is_told(paint, tolerance, problem):
    assert checked(paint, tolerance).problem == problem


class Dropping:
    """Drops a share of the values, and shifts them."""

    def __init__(self, rate, shift=0.0, seed=0):
        self.rate, self.shift, self.random = rate, shift, np.random.default_rng(seed)

    def __call__(self, pictures):
        kept = self.random.random(pictures.shape) >= self.rate
        return (pictures * kept / (1 - self.rate) + self.shift).astype(np.float32)


@pytest.mark.parametrize(
    ("export", "problem"),
    [
        (Dropping(0.5, seed=1), ""),
        (Dropping(0.5, shift=1.0, seed=1), "means of 8 of its paintings lie "),
        (Dropping(0.0), "its paintings of one picture differ by 0 among themselves"),
        (Dropping(0.05, seed=1), "its paintings of one picture differ by 0.1"),
    ],
)
def test_a_network_that_never_paints_alike_is_compared_by_means(export, problem):
    found = verify(Dropping(0.5), Runtime(export), PICTURES, EXACT)
    assert found.varies
    assert found.problem.startswith(problem)
    assert bool(found.problem) == bool(problem)
    assert "means of 8 paintings, dropout being on, of 3 held-out pictures" in str(found)
