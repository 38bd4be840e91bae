import re

import keras
import numpy as np
import pytest
from keras import ops

from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.networks.resnet import resnet


def names(network, ending):
    return [layer.name for layer in network.layers if re.search(f"{ending}$", layer.name)]


@pytest.mark.one_backend
def test_the_papers_network_has_11_million_parameters():
    network = resnet((256, 256, 3), 3)
    assert network.count_params() == 11_378_179
    assert network.output_shape == (None, 256, 256, 3)


@pytest.mark.parametrize("blocks", [1, 6, 9])
def test_any_number_of_blocks(blocks):
    network = resnet((8, 8, 3), 3, blocks=blocks, filters=1)
    assert names(network, "_sum") == [f"block{block}_sum" for block in range(1, blocks + 1)]
    assert [network.get_layer(f"block{blocks}_conv{number}").filters for number in (1, 2)] == [4, 4]


@pytest.mark.parametrize("padding", ["reflect", "zero"])
@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_any_shape_channels_and_options(padding, upsampling):
    network = resnet((12, 20, 5), 2, blocks=1, filters=3, padding=padding, upsampling=upsampling)
    picture = network(np.zeros((2, 12, 20, 5), "float32"))
    assert tuple(picture.shape) == (2, 12, 20, 2)


@pytest.mark.parametrize(
    ("norm", "biased"), [("batch", ["last_conv"]), ("none", ["last_conv"]), ("instance", None)]
)
def test_biases_are_where_the_reference_has_them(norm, biased):
    network = resnet((8, 8, 3), 3, blocks=2, filters=1, norm=norm)
    found = [layer.name for layer in network.layers if getattr(layer, "use_bias", False)]
    assert found == (names(network, r"_conv\d?") if biased is None else biased)
    assert len(names(network, r"_conv\d?")) == 10
    assert len(names(network, r"_norm\d?")) == (0 if norm == "none" else 9)


def test_dropout_is_in_every_block():
    network = resnet((8, 8, 3), 3, blocks=2, filters=1, dropout=0.5)
    assert names(network, "_dropout") == ["block1_dropout", "block2_dropout"]
    assert not names(resnet((8, 8, 3), 3, blocks=2, filters=1), "_dropout")


def test_a_blocks_padding_shows_at_the_border_only():
    """A flat picture stays flat where the mirror image continues it, and zeros are seen at the border."""
    flat = np.full((1, 32, 32, 3), 0.5, "float32")
    spread = {}
    for padding in ("reflect", "zero"):
        keras.utils.set_random_seed(0)
        network = resnet((32, 32, 3), 3, blocks=1, filters=2, norm="none", padding=padding)
        block = keras.Model(network.input, network.get_layer("block1_conv1").output)
        # Of the convolutions before it one pads by zeros, at the top and on the left.
        spread[padding] = np.ptp(ops.convert_to_numpy(block(flat))[0, 4:, 4:], axis=(0, 1)).max()
    assert spread["reflect"] < 1e-7
    assert spread["zero"] > 1e-6


def test_a_translating_copy_shares_the_weights():
    keras.utils.set_random_seed(0)
    network = resnet((16, 16, 3), 3, blocks=1, filters=2, norm="batch", dropout=0.5)
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype("float32")
    translating = inference_network(network, Inference(statistics="picture"))
    for layer in network.layers:
        if layer.name.endswith("_dropout"):
            layer.rate = 0.0
    expected = ops.convert_to_numpy(network(picture, training=True))
    np.testing.assert_allclose(translating.predict(picture, verbose=0), expected, atol=1e-5)
    varying = inference_network(network, Inference(dropout=True, statistics="picture"))
    assert {id(variable) for variable in network.weights} >= {id(v) for v in varying.weights}


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_pictures_are_float32_in_range(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        network = resnet((8, 8, 3), 3, blocks=1, filters=2)
    finally:
        keras.config.set_dtype_policy(before)
    noise = np.random.default_rng(0).normal(0, 100, (1, 8, 8, 3)).astype("float32")
    picture = network(noise)
    assert keras.backend.standardize_dtype(picture.dtype) == "float32"
    assert np.abs(ops.convert_to_numpy(picture)).max() <= 1


@pytest.mark.parametrize(
    ("shape", "told", "size"),
    [
        ((100, 90, 3), "100 x 90", "100 x 88"),
        ((30, 30, 3), "30 x 30", "32"),
        ((4, 4, 3), "4 x 4", "8"),
        ((3, 64, 3), "3 x 64", "8 x 64"),
    ],
)
def test_sizes_that_cannot_be_halved_twice_are_refused(shape, told, size):
    message = (
        "a ResNet needs height and width divisible by 4 and at least 8, "
        f"but the pictures are {told}; use a size of {size}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        resnet(shape, 3)
