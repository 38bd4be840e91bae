import keras
import numpy as np
import pytest
from keras import ops
from reference import golden

from zoo.losses.adversarial import Hinge, LeastSquares, Vanilla


def tensor(*values):
    return ops.convert_to_tensor(values, "float32")


def test_closed_forms():
    real, fake = tensor(2.0, 0.0), tensor(-1.0, 3.0)
    on_real, on_fake = Vanilla().discriminator(real, fake)
    assert float(on_real) == pytest.approx((np.log1p(np.exp(-2)) + np.log(2)) / 2)
    assert float(on_fake) == pytest.approx((np.log1p(np.exp(-1)) + np.log1p(np.exp(3))) / 2)
    assert float(Vanilla().generator(fake)) == pytest.approx(
        (np.log1p(np.exp(1)) + np.log1p(np.exp(-3))) / 2
    )


def test_closed_forms_of_least_squares():
    real, fake = tensor(2.0, 0.0), tensor(-1.0, 3.0)
    assert [float(loss) for loss in LeastSquares().discriminator(real, fake)] == [1.0, 5.0]
    assert float(LeastSquares().generator(fake)) == 4.0
    smooth, _ = LeastSquares(label_smoothing=0.5).discriminator(real, fake)
    assert float(smooth) == pytest.approx((1.5**2 + 0.5**2) / 2)


def test_closed_forms_of_the_hinge():
    real, fake = tensor(2.0, 0.5), tensor(-3.0, 0.25)
    assert [float(loss) for loss in Hinge().discriminator(real, fake)] == [0.25, 0.625]
    assert float(Hinge().generator(fake)) == 1.375


@pytest.mark.parametrize(("loss", "name"), [(Vanilla(), "vanilla"), (LeastSquares(), "lsgan")])
def test_equals_the_reference(loss, name):
    arrays = golden("wgan_gradient_penalty")
    logits = ops.convert_to_tensor(arrays["logits_real"])
    found = [float(value) for value in loss.discriminator(logits, logits)]
    np.testing.assert_allclose(found, arrays[f"gan_loss_{name}"], rtol=1e-5)
    assert float(loss.generator(logits)) == pytest.approx(found[0])


def test_smoothing_moves_the_real_target_only():
    values = np.array([-0.5, 1.5], "f4")
    logits = tensor(*values)
    plain, smooth = Vanilla(), Vanilla(label_smoothing=0.1)
    probability = 1 / (1 + np.exp(-values))
    expected = -np.mean(0.9 * np.log(probability) + 0.1 * np.log(1 - probability))
    on_real, on_fake = smooth.discriminator(logits, logits)
    assert float(on_real) == pytest.approx(expected)
    assert float(on_fake) == float(plain.discriminator(logits, logits)[1])
    assert float(smooth.generator(logits)) == float(plain.generator(logits))


def test_large_logits_stay_finite():
    sure = tensor(1e4, -1e4)
    on_real, on_fake = Vanilla().discriminator(sure, sure)
    assert float(on_real) == float(on_fake) == float(Vanilla().generator(sure)) == 5000


@pytest.mark.parametrize("loss", [Vanilla(label_smoothing=0.2), LeastSquares(0.2), Hinge()])
def test_it_survives_a_file(loss):
    config = keras.saving.serialize_keras_object(loss)
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is type(loss)
    assert restored.get_config() == loss.get_config()
