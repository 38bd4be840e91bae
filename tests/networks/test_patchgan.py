import re

import numpy as np
import pytest
from keras import ops

from zoo.networks.patchgan import patchgan


def test_the_papers_discriminator():
    network = patchgan((256, 256, 6))
    assert network.output_shape == (None, 30, 30, 1)
    trained = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
    assert trained == 2_768_705


def test_a_logit_sees_70_by_70_pixels():
    network = patchgan((128, 128, 1), filters=1, norm="none")
    for variable in network.trainable_variables:
        variable.assign(np.ones(variable.shape))
    picture = np.ones((1, 128, 128, 1), "float32")

    def centre(row):
        changed = picture.copy()
        changed[0, row, 60] = 2
        return float(ops.convert_to_numpy(network(changed))[0, 6, 6, 0])

    plain = float(ops.convert_to_numpy(network(picture))[0, 6, 6, 0])
    first = 8 * 6 - 23
    assert centre(first - 1) == plain
    assert centre(first) != plain
    assert centre(first + 69) != plain
    assert centre(first + 70) == plain


@pytest.mark.parametrize(
    ("side", "layers", "logits"),
    [(64, 1, 30), (64, 2, 14), (64, 3, 6), (100, 3, 10), (101, 3, 10), (96, 5, 1), (24, 3, 1)],
)
def test_logits_are_as_many_as_pytorch_would_have(side, layers, logits):
    network = patchgan((side, side, 2), layers=layers, filters=1)
    assert network.output_shape == (None, logits, logits, 1)


@pytest.mark.parametrize(
    ("shape", "layers", "message"),
    [
        (
            (64, 80, 6),
            5,
            "a PatchGAN of 5 layers needs pictures of at least 96 x 96, "
            "but they are 64 x 80; use 4 layers or a size of at least 96",
        ),
        (
            (4, 4, 6),
            3,
            "a PatchGAN of 3 layers needs pictures of at least 24 x 24, "
            "but they are 4 x 4; use a size of at least 24",
        ),
    ],
)
def test_small_pictures_are_refused(shape, layers, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        patchgan(shape, layers=layers)
