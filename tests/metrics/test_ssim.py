import re

import keras
import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.metrics.ssim import SSIM, ssim


def pictures(seed, *shape):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def smooth(seed, height=32, width=48):
    """A colour field of long waves with a little noise."""
    random = np.random.default_rng(seed)
    down, across = np.linspace(0, 3, height)[:, None, None], np.linspace(0, 4, width)[:, None]
    waves = np.sin(down + random.uniform(0, 6, 3)) * np.cos(across + random.uniform(0, 6, 3))
    return np.clip(0.8 * waves + random.normal(0, 0.05, waves.shape), -1, 1).astype("float32")[None]


def number(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_equal_pictures_have_one():
    for picture in (pictures(0, 2, 16, 16, 3), np.full((2, 16, 16, 1), 0.99, "float32")):
        np.testing.assert_allclose(number(ssim(picture, picture)), [1, 1], atol=1e-6)


def test_even_pictures_differ_by_luminance_alone():
    # (2 a b + c) / (a² + b² + c) with a and b counted from black and c = (0.01 * 2)².
    dark, bright = np.full((1, 12, 12, 3), -0.5, "float32"), np.full((1, 12, 12, 3), 0.5, "float32")
    expected = (2 * 0.5 * 1.5 + 4e-4) / (0.5**2 + 1.5**2 + 4e-4)
    assert number(ssim(dark, bright))[0] == pytest.approx(expected, abs=1e-6)


def test_a_negative_differs_by_structure_too():
    # Around mid-grey the means are equal, and the covariance is minus the variance.
    pattern = pictures(1, 1, 11, 11, 1) * 0.5
    window = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(window, window)[None, :, :, None] / window.sum() ** 2
    pattern = pattern - (window * pattern).sum()
    variance = (window * pattern**2).sum()
    expected = (-2 * variance + 3.6e-3) / (2 * variance + 3.6e-3)
    assert number(ssim(pattern, -pattern))[0] == pytest.approx(expected, abs=1e-5)


def in_double_precision(first, second):
    """The definition, window by window, in float64."""
    window = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2

    def mean(values):
        windows = np.lib.stride_tricks.sliding_window_view(values, (11, 11), axis=(1, 2))
        return (windows * window).sum(axis=(-2, -1))

    x, y = ((picture.astype("float64") + 1) / 2 for picture in (first, second))
    mean_x, mean_y = mean(x), mean(y)
    luminance = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
    covariance = mean(x * y) - mean_x * mean_y
    variances = mean(x**2) - mean_x**2 + mean(y**2) - mean_y**2
    structure = (2 * covariance + 9e-4) / (variances + 9e-4)
    return (luminance * structure).mean(axis=(1, 2, 3))


CASES = {
    "noise": (pictures(2, 3, 24, 17, 3), pictures(3, 3, 24, 17, 3)),
    "near": (smooth(4), np.clip(smooth(4) + 0.05 * pictures(5, 1, 32, 48, 3), -1, 1)),
    "far": (smooth(6), smooth(7)),
    "grey": (smooth(6)[..., :1], smooth(7)[..., :1]),
}


@pytest.mark.parametrize("case", CASES)
def test_equals_the_definition(case):
    first, second = CASES[case]
    expected = in_double_precision(first, second)
    np.testing.assert_allclose(number(ssim(first, second)), expected, atol=2e-6)


def test_bright_and_almost_flat_pictures_are_not_lost_in_rounding():
    first, second = 0.95 + smooth(8) / 50, 0.95 + smooth(9) / 50
    expected = in_double_precision(first, second)
    np.testing.assert_allclose(number(ssim(first, second)), expected, atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_equals_tensorflows(case):
    tf = pytest.importorskip("tensorflow")
    first, second = CASES[case]
    expected = tf.image.ssim((first + 1) / 2, (second + 1) / 2, max_val=1.0).numpy()
    np.testing.assert_allclose(number(ssim(first, second)), expected, atol=1e-5)


def test_it_is_symmetric():
    first, second = smooth(0), smooth(1)
    np.testing.assert_allclose(number(ssim(first, second)), number(ssim(second, first)), atol=1e-6)


def test_the_metric_is_the_mean_over_pictures():
    first, second = pictures(0, 3, 12, 12, 3), pictures(1, 3, 12, 12, 3)
    metric = SSIM()
    metric.update_state(first[:2], second[:2])
    metric.update_state(first[2:], second[2:])
    assert float(metric.result()) == pytest.approx(number(ssim(first, second)).mean(), abs=1e-6)


def test_pictures_smaller_than_the_window_are_refused():
    message = (
        "SSIM compares windows of 11 x 11 pixels, but the pictures are 16 x 10; "
        "use larger pictures or leave it out"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        ssim(pictures(0, 1, 16, 10, 3), pictures(1, 1, 16, 10, 3))


def test_it_survives_a_file():
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(SSIM()))
    assert type(restored) is SSIM
    assert restored.name == "ssim"
