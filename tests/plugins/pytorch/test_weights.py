"""Loading is strict: every value has a place and every weight a value."""

import re
from typing import Any

import numpy as np
import pytest
from keras import ops
from reference import below, golden
from zoo_pytorch.weights import load_state_dict, pair_weights

from zoo.errors import ZooError
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

SHAPE = (128, 128, 6)


@pytest.fixture(scope="module")
def weights():
    return below(golden("discriminator_basic_batch"), "weights")


def test_pairs_hold_every_weight_and_every_value(weights):
    network = patchgan(SHAPE, filters=2)
    pairs = pair_weights(network, weights)
    assert [id(variable) for variable, _ in pairs] == [id(item) for item in network.weights]
    assert len(pairs) == len([name for name in weights if not name.endswith("num_batches_tracked")])
    load_state_dict(network, weights)
    kernel = ops.convert_to_numpy(network.get_layer("layer2_conv").kernel)
    np.testing.assert_array_equal(kernel[1, 2, 0, 3], weights["model.2.weight"][3, 0, 1, 2])


def widened(weights, name, shape):
    return {**weights, name: np.zeros(shape, "float32")}


MISFITS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "more filters": (
        {"filters": 3},
        {},
        "model.0.weight is (2, 6, 4, 4), but layer1_conv/kernel takes (3, 6, 4, 4); "
        "model.0.bias is (2,), but layer1_conv/bias takes (3,); "
        "model.2.weight is (4, 2, 4, 4), but layer2_conv/kernel takes (6, 3, 4, 4); and 15 more",
    ),
    "another normalisation": (
        {"filters": 2, "norm": "instance"},
        {},
        "there is nothing for layer2_conv/bias; there is nothing for layer3_conv/bias; "
        "there is nothing for layer4_conv/bias; and 12 more",
    ),
    "fewer layers": (
        {"filters": 2, "layers": 2},
        {},
        "model.8.weight is (16, 8, 4, 4), but layer4_conv/kernel takes (1, 8, 4, 4); "
        "there is nothing for layer4_conv/bias; there is no place for model.9.weight; and 5 more",
    ),
    "a bias before batch norm": (
        {"filters": 2},
        {"model.2.bias": (4,)},
        "there is no place for model.2.bias",
    ),
    "a kernel of another size": (
        {"filters": 2},
        {"model.5.weight": (8, 4, 3, 3)},
        "model.5.weight is (8, 4, 3, 3), but layer3_conv/kernel takes (8, 4, 4, 4)",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_what_does_not_fit_is_told_and_nothing_is_loaded(case, weights):
    arguments, changes, told = MISFITS[case]
    state = dict(weights)
    for name, shape in changes.items():
        state = widened(state, name, shape)
    network = patchgan(SHAPE, **arguments)
    before = [array.copy() for array in network.get_weights()]
    message = f"the weights do not fit the network 'patchgan': {told}"
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        load_state_dict(network, state)
    for here, there in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(here, there)


def test_another_architecture_is_refused(weights):
    network = unet((16, 16, 3), 3, depth=2, filters=2)
    message = "the weights do not fit the network 'unet': there is nothing for down1_conv/kernel"
    with pytest.raises(ZooError, match=re.escape(message)):
        load_state_dict(network, weights)
