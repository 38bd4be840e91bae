import keras
import numpy as np
import pytest
from keras import ops

from zoo import backend
from zoo.losses.ssim import SSIM
from zoo.metrics.ssim import ssim


def pictures(seed, count=2):
    return np.random.default_rng(seed).uniform(-1, 1, (count, 16, 12, 3)).astype("float32")


def test_it_is_one_minus_the_metric():
    target, fake = pictures(0), pictures(1)
    expected = 1 - ops.convert_to_numpy(ssim(target, fake)).mean()
    assert float(SSIM()(target, fake)) == pytest.approx(expected, abs=1e-6)
    assert float(SSIM()(target, target)) == pytest.approx(0, abs=1e-6)


def test_half_precision_is_computed_in_single():
    target, fake = pictures(0).astype("float16"), pictures(1).astype("float16")
    loss = SSIM()(ops.convert_to_tensor(target), ops.convert_to_tensor(fake))
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    expected = SSIM()(target.astype("float32"), fake.astype("float32"))
    assert float(loss) == pytest.approx(float(expected), abs=1e-6)


def test_its_gradient_leads_to_the_target():
    target, fake = (ops.convert_to_tensor(pictures(seed, 1)) for seed in (0, 1))
    loss = SSIM()
    before = float(loss(target, fake))
    for _ in range(20):
        value, pullback, _ = backend.vjp(lambda fake: (loss(target, fake), None), fake)
        fake = fake - 10.0 * pullback(ops.ones_like(value))
    assert float(loss(target, fake)) < before / 2


def test_it_survives_a_file():
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(SSIM()))
    assert type(restored) is SSIM
    assert restored.get_config() == {"name": "ssim"}
