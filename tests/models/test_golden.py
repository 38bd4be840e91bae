"""Three steps of training against the reference implementation's."""

import keras
import pytest
import trajectories
from trajectories import RATE, STEPS, Difference


def check(found: Difference, median: float = 1e-6) -> None:
    assert all(error < bound for error, bound in zip(found.losses, (1e-4, 1e-3, 2e-3), strict=True))
    assert found.weights_median < median
    # Adam turns the sign of a tiny gradient into a whole step.
    assert found.weights_most < 2 * RATE * STEPS
    assert found.means_most < 2e-3


@pytest.mark.parametrize("name", ["train_pix2pix_vanilla", "train_pix2pix_lsgan_instance"])
def test_three_steps_of_pix2pix_equal_the_reference(name):
    check(trajectories.pix2pix(name))


def test_three_steps_of_cyclegan_equal_the_reference():
    # On JAX an input of a ReLU in the second step is within rounding of zero, on its other side: the gradient jumps.
    check(trajectories.cyclegan(), median=1e-5 if keras.backend.backend() == "jax" else 1e-6)
