import keras
import numpy as np
import pytest

from zoo.losses.total_variation import TotalVariation


def test_it_is_the_mean_difference_down_and_across():
    # Down: |3-0| and |5-1|, of two pairs; across: |1-0| and |5-3|.
    fake = np.array([[0.0, 1.0], [3.0, 5.0]], "float32").reshape(1, 2, 2, 1)
    assert float(TotalVariation()(fake, fake)) == pytest.approx((3 + 4) / 2 + (1 + 2) / 2)


def test_its_bounds():
    even = np.full((2, 6, 4, 3), 0.3, "float32")
    chess = np.indices((6, 4)).sum(axis=0) % 2 * 2.0 - 1.0
    chess = np.repeat(chess[None, :, :, None], 3, axis=-1).astype("float32")
    assert float(TotalVariation()(even, even)) == 0
    assert float(TotalVariation()(chess, chess)) == pytest.approx(4)


def test_the_target_does_not_matter():
    random = np.random.default_rng(0)
    fake, one, other = random.uniform(-1, 1, (3, 2, 5, 7, 3)).astype("float32")
    assert float(TotalVariation()(one, fake)) == float(TotalVariation()(other, fake))


def test_it_is_the_mean_over_pictures():
    random = np.random.default_rng(0)
    fakes = random.uniform(-1, 1, (3, 5, 7, 2)).astype("float32")
    loss = TotalVariation()
    singles = [float(loss(fakes[i : i + 1], fakes[i : i + 1])) for i in range(3)]
    assert float(loss(fakes, fakes)) == pytest.approx(np.mean(singles), rel=1e-5)


def test_it_survives_a_file():
    config = keras.saving.serialize_keras_object(TotalVariation())
    assert type(keras.saving.deserialize_keras_object(config)) is TotalVariation
