"""SSIM and PSNR are what scikit-image says of the same pictures."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from real_pictures import real_pairs

from zoo.metrics.pixel import PSNR
from zoo.metrics.ssim import ssim


def random_pairs(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(11)
    first = random.uniform(-1, 1, (count, size, size, 3))
    noise = random.normal(0, 1, first.shape) * random.uniform(0.05, 1, (count, 1, 1, 1))
    return first.astype("float32"), np.clip(first + noise, -1, 1).astype("float32")


PAIRS = {"random": random_pairs(50, 48), "real": real_pairs(20, 96)}


@pytest.mark.parametrize("pairs", PAIRS)
def test_ssim_and_psnr_equal_scikit_images(pairs: str) -> None:
    measured = pytest.importorskip("skimage.metrics")
    first, second = PAIRS[pairs]
    found = keras.ops.convert_to_numpy(ssim(first, second))
    expected = [
        measured.structural_similarity(
            # Its constants count from black.
            (x + 1).astype("float64"),
            (y + 1).astype("float64"),
            data_range=2,
            channel_axis=-1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for x, y in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    ratios = keras.ops.convert_to_numpy(PSNR().per_picture(first, second))
    expected = [
        measured.peak_signal_noise_ratio(x.astype("float64"), y.astype("float64"), data_range=2)
        for x, y in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(ratios, expected, atol=1e-4)
