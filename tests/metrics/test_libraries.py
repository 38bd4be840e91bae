"""SSIM, PSNR and MS-SSIM are what other libraries say of the same pictures: scikit-image and torchmetrics."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from real_pictures import real_pairs

from zoo.metrics.ms_ssim import ms_ssim
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


def test_ms_ssim_equals_torchmetrics() -> None:
    image = pytest.importorskip("torchmetrics.functional.image")
    import torch

    random = np.random.default_rng(3)
    blocks = np.kron(random.uniform(-1, 1, (50, 11, 11, 1)), np.ones((1, 16, 16, 1)))
    noise = random.normal(0, 1, blocks.shape) * random.uniform(0.05, 0.6, (50, 1, 1, 1))
    pairs = [
        (blocks.astype("float32"), np.clip(blocks + noise, -1, 1).astype("float32")),
        tuple(pictures.mean(axis=-1, keepdims=True) for pictures in real_pairs(20, 192)),
    ]
    for first, second in pairs:
        # Of one channel, because it takes the mean over channels before the product over scales.
        x, y = (
            torch.from_numpy((pictures + 1).transpose(0, 3, 1, 2).astype("float64"))
            for pictures in (first, second)
        )
        expected = image.multiscale_structural_similarity_index_measure(
            y, x, data_range=2.0, reduction="none", normalize="relu"
        )
        found = keras.ops.convert_to_numpy(ms_ssim(first, second))
        np.testing.assert_allclose(found, expected.numpy(), atol=1e-4)
