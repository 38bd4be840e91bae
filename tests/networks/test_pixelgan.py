import numpy as np
import pytest
from keras import ops

from zoo.networks.pixelgan import pixelgan


def test_the_papers_discriminator():
    network = pixelgan((256, 256, 6))
    assert network.output_shape == (None, 256, 256, 1)
    trained = sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)
    assert trained == 6 * 64 + 64 + 64 * 128 + 2 * 128 + 128


@pytest.mark.parametrize(
    ("norm", "biased"),
    [("batch", [1]), ("none", [1]), ("instance", [1, 2, 3])],
)
def test_biases_are_where_the_reference_has_them(norm, biased):
    network = pixelgan((4, 4, 2), filters=1, norm=norm)
    found = [layer.name for layer in network.layers if getattr(layer, "use_bias", False)]
    assert found == [f"layer{layer}_conv" for layer in biased]


def test_a_logit_sees_one_pixel():
    network = pixelgan((5, 7, 2), filters=3, norm="none")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 5, 7, 2)).astype("float32")
    changed = picture.copy()
    changed[0, 2, 3] += 1
    logits, other = (ops.convert_to_numpy(network(item))[0, :, :, 0] for item in (picture, changed))
    assert np.argwhere(logits != other).tolist() == [[2, 3]]
