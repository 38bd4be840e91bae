import keras
import numpy as np
import pytest

from zoo.metrics.pixel import L1, PSNR


def pictures(*values):
    """Pictures of one value each."""
    return np.stack([np.full((4, 4, 3), value, "float32") for value in values])


def test_l1_is_the_mean_absolute_error():
    metric = L1()
    metric.update_state(pictures(0, 0), pictures(0.5, -0.1))
    metric.update_state(pictures(1), pictures(-1))
    assert float(metric.result()) == pytest.approx((0.5 + 0.1 + 2) / 3)


def test_psnr_is_the_mean_of_each_pictures_ratio():
    metric = PSNR()
    metric.update_state(pictures(0, 0), pictures(0.2, 0.02))
    assert float(metric.result()) == pytest.approx((20 + 40) / 2, abs=1e-4)


def test_psnr_of_equal_pictures_is_finite():
    metric = PSNR()
    metric.update_state(pictures(0.3), pictures(0.3))
    assert float(metric.result()) == pytest.approx(126.0206, abs=1e-3)


def test_batches_do_not_matter():
    random = np.random.default_rng(0)
    target, translated = random.uniform(-1, 1, (2, 5, 8, 8, 3)).astype("float32")
    for kind in (L1, PSNR):
        one, many = kind(), kind()
        one.update_state(target, translated)
        for index in range(5):
            many.update_state(target[index : index + 1], translated[index : index + 1])
        assert float(one.result()) == pytest.approx(float(many.result()), rel=1e-5)


@pytest.mark.parametrize("kind", [L1, PSNR])
def test_it_survives_a_file(kind):
    config = keras.saving.serialize_keras_object(kind())
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is kind
    assert restored.name == kind().name
