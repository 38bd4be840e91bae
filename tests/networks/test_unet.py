import re

import keras
import numpy as np
import pytest
from keras import ops

from zoo.networks.unet import unet


def names(network, ending):
    return [layer.name for layer in network.layers if layer.name.endswith(ending)]


@pytest.mark.one_backend
def test_the_papers_network_has_54_million_parameters():
    network = unet((256, 256, 3), 3)
    trained = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
    assert trained == 54_413_955
    assert network.output_shape == (None, 256, 256, 3)


def test_normalisation_spares_the_first_and_the_innermost_level():
    network = unet((64, 64, 3), 3, depth=6, filters=1)
    assert names(network, "_norm") == [
        *(f"down{level}_norm" for level in (2, 3, 4, 5)),
        *(f"up{level}_norm" for level in (6, 5, 4, 3, 2)),
    ]


@pytest.mark.parametrize(("depth", "levels"), [(5, []), (6, [5]), (7, [6, 5]), (8, [7, 6, 5])])
def test_dropout_is_on_the_inner_levels_of_the_decoder(depth, levels):
    side = 2**depth
    network = unet((side, side, 1), 1, depth=depth, filters=1)
    assert names(network, "_dropout") == [f"up{level}_dropout" for level in levels]
    assert not names(unet((side, side, 1), 1, depth=depth, filters=1, dropout=0), "_dropout")


@pytest.mark.parametrize(
    ("norm", "biased"),
    [("batch", ["up1_conv"]), ("none", ["up1_conv"]), ("instance", None)],
)
def test_biases_are_where_the_reference_has_them(norm, biased):
    network = unet((16, 16, 3), 3, depth=3, filters=1, norm=norm)
    found = [layer.name for layer in network.layers if getattr(layer, "use_bias", False)]
    assert found == (names(network, "_conv") if biased is None else biased)


@pytest.mark.one_backend
def test_filters_double_up_to_eight_times():
    network = unet((64, 64, 3), 3, depth=6, filters=3)
    widths = [network.get_layer(f"down{level}_conv").filters for level in range(1, 7)]
    assert widths == [3, 6, 12, 24, 24, 24]


def test_any_shape_and_number_of_channels():
    network = unet((32, 48, 5), 2, depth=4, filters=1, dropout=0)
    picture = network(np.zeros((2, 32, 48, 5), "float32"))
    assert tuple(picture.shape) == (2, 32, 48, 2)


def test_weights_start_as_in_the_reference():
    keras.utils.set_random_seed(1)
    network = unet((32, 32, 3), 3, depth=5, filters=16)
    kernels = np.concatenate(
        [v.numpy().ravel() for v in network.trainable_variables if v.name == "kernel"]
    )
    scales = np.concatenate(
        [v.numpy().ravel() for v in network.trainable_variables if v.name == "gamma"]
    )
    np.testing.assert_allclose([kernels.mean(), kernels.std()], [0, 0.02], atol=1e-4)
    np.testing.assert_allclose([scales.mean(), scales.std()], [1, 0.02], atol=3e-3)
    one, other = (network.get_layer(f"down{level}_conv").kernel for level in (4, 5))
    assert not np.array_equal(one.numpy()[..., :32, :32], other.numpy()[..., :32, :32])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_pictures_are_float32_in_range(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        network = unet((16, 16, 3), 3, depth=3, filters=2)
    finally:
        keras.config.set_dtype_policy(before)
    noise = np.random.default_rng(0).normal(0, 100, (1, 16, 16, 3)).astype("float32")
    picture = network(noise)
    assert keras.backend.standardize_dtype(picture.dtype) == "float32"
    assert np.abs(ops.convert_to_numpy(picture)).max() <= 1


@pytest.mark.parametrize(
    ("shape", "depth", "message"),
    [
        (
            (100, 100, 3),
            7,
            "a U-Net of depth 7 needs height and width divisible by 128, "
            "but the pictures are 100 x 100; use depth 2 or a size of 128",
        ),
        (
            (256, 96, 3),
            8,
            "a U-Net of depth 8 needs height and width divisible by 256, "
            "but the pictures are 256 x 96; use depth 5 or a size of 256",
        ),
        (
            (75, 300, 3),
            6,
            "a U-Net of depth 6 needs height and width divisible by 64, "
            "but the pictures are 75 x 300; use a size of 64 x 320",
        ),
    ],
)
def test_sizes_that_cannot_be_halved_are_refused(shape, depth, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        unet(shape, 3, depth=depth)


def test_resizing_leaves_no_checkerboard():
    """Of a flat picture, even and odd pixels come out alike only without transposed convolutions."""
    flat = np.full((1, 32, 32, 3), 0.5, "float32")
    contrast = {}
    for upsampling in ("transposed", "resize"):
        keras.utils.set_random_seed(0)
        network = unet(
            (32, 32, 3), 3, depth=2, filters=8, norm="none", dropout=0, upsampling=upsampling
        )
        # Larger weights than at the start of training, so that rounding is far below what is looked for.
        for variable in network.trainable_variables:
            variable.assign(variable * 10)
        inner = ops.convert_to_numpy(network(flat))[0, 8:24, 8:24]
        contrast[upsampling] = inner.std(axis=(0, 1)).max()
    assert contrast["resize"] < 1e-5
    assert contrast["transposed"] > 1e-3
