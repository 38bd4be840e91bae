"""MS-SSIM against the definition in double precision, and TensorFlow's function."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest
from real_pictures import real_pairs

from zoo.errors import ZooError
from zoo.metrics.ms_ssim import MSSSIM, WEIGHTS, ms_ssim


def noisy(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of noise, which have structure at every scale, and the same with more noise."""
    random = np.random.default_rng(seed)
    first = np.zeros(shape)
    for size in (32, 8, 1):
        small = random.uniform(
            -0.4, 0.4, (shape[0], shape[1] // size + 1, shape[2] // size + 1, shape[3])
        )
        first += np.kron(small, np.ones((1, size, size, 1)))[:, : shape[1], : shape[2]]
    first = np.clip(first, -1, 1)
    noise = random.normal(0, 1, shape) * np.linspace(0.05, 1.2, shape[0])[:, None, None, None]
    second = np.clip(first + noise, -1, 1)
    return first.astype("float32"), second.astype("float32")


def number(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def defined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The definition in float64: windows by a sliding view, scales by means of 2 x 2."""
    window = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values: np.ndarray) -> np.ndarray:
        for axis in (1, 2):
            windows = np.lib.stride_tricks.sliding_window_view(values, 11, axis=axis)
            values = windows @ window
        return values

    def halved(values: np.ndarray) -> np.ndarray:
        odd = [(0, size % 2) for size in values.shape[1:3]]
        values = np.pad(values, ((0, 0), *odd, (0, 0)), mode="edge")
        count, height, width, channels = values.shape
        return values.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))

    x, y = ((picture.astype("float64") + 1) / 2 for picture in (first, second))
    result = np.ones((len(x), x.shape[3]))
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            x, y = halved(x), halved(y)
        mean_x, mean_y = mean(x), mean(y)
        covariance = mean(x * y) - mean_x * mean_y
        variances = mean(x**2) - mean_x**2 + mean(y**2) - mean_y**2
        part = (2 * covariance + 9e-4) / (variances + 9e-4)
        if scale == len(WEIGHTS) - 1:
            part *= (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
        result *= np.maximum(part.mean(axis=(1, 2)), 0) ** weight
    return result.mean(axis=-1)


@pytest.mark.parametrize("size", [(176, 192), (161, 161), (165, 183)])
def test_equals_the_definition(size: tuple[int, int]) -> None:
    first, second = noisy(1, 5, *size, 3)
    np.testing.assert_allclose(number(ms_ssim(first, second)), defined(first, second), atol=1e-5)


def test_equals_the_definition_on_fifty_random_pictures_and_twenty_real_ones() -> None:
    pairs = [noisy(2, 50, 168, 176, 1), real_pairs(20, 176)]
    for first, second in pairs:
        expected = defined(first, second)
        assert expected.max() - expected.min() > 0.1
        np.testing.assert_allclose(number(ms_ssim(first, second)), expected, atol=1e-4)


def test_equals_tensorflows() -> None:
    tf = pytest.importorskip("tensorflow")
    for first, second in (noisy(3, 4, 165, 176, 3), real_pairs(4, 161)):
        expected = tf.image.ssim_multiscale((first + 1) / 2, (second + 1) / 2, max_val=1.0)
        np.testing.assert_allclose(number(ms_ssim(first, second)), expected.numpy(), atol=1e-4)


def test_equal_pictures_have_one() -> None:
    first, _ = noisy(4, 2, 161, 170, 3)
    np.testing.assert_allclose(number(ms_ssim(first, first)), [1, 1], atol=1e-5)


def test_what_holes_hide_changes_nothing() -> None:
    first, second = noisy(5, 2, 176, 176, 3)
    mask = np.ones((2, 176, 176, 1), "float32")
    mask[0, 40:90, 30:100] = 0
    other = np.where(mask > 0, second, 0.9).astype("float32")
    found = number(ms_ssim(first, second, mask))
    np.testing.assert_allclose(number(ms_ssim(first, other, mask)), found, atol=1e-6)
    np.testing.assert_allclose(found[1], number(ms_ssim(first, second))[1], atol=1e-6)
    assert abs(found[0] - number(ms_ssim(first, other))[0]) > 0.01
    metric = MSSSIM()
    metric.update_state(first, second, sample_weight=np.stack([mask[0], np.zeros_like(mask[0])]))
    assert float(metric.result()) == pytest.approx(found[0], abs=1e-6)


def test_pictures_that_cannot_be_halved_four_times_are_refused() -> None:
    message = (
        "MS-SSIM halves pictures 4 times and compares windows of 11 x 11 pixels, for which they must be at least "
        "161 x 161, but the pictures are 256 x 160; use larger pictures, or ssim"
    )
    small = np.zeros((1, 256, 160, 3), "float32")
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        ms_ssim(small, small)


def test_it_survives_a_file() -> None:
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(MSSSIM()))
    assert type(restored) is MSSSIM
    assert restored.name == "ms_ssim"
