import keras
import numpy as np
import pytest
from small_networks import material, pictures, small_network

from zoo.export.split import split_transposed
from zoo.networks.spectral import SpectralConv2D
from zoo.networks.unet import unet


def kinds(network):
    return [type(layer).__name__ for layer in network.layers]


def network_of(*layers, after=None):
    """Two convolutions of the picture, concatenated, through the layers."""
    source = keras.Input((8, 8, 3))
    parts = [keras.layers.Conv2D(width, 1, name=f"part{width}")(source) for width in (2, 5)]
    x = keras.layers.Concatenate(name="joined")(parts)
    for layer in layers:
        x = layer(x)
    return keras.Model(source, x if after is None else after(x, parts))


def randomized(network):
    random = np.random.default_rng(0)
    network.set_weights([random.normal(0, 0.3, w.shape) for w in network.get_weights()])
    return network


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_a_unet_paints_the_same_without_concatenations(upsampling):
    keras.utils.set_random_seed(0)
    network = unet((32, 32, 3), 3, depth=4, filters=2, upsampling=upsampling, init="he")
    split = split_transposed(network)
    assert kinds(network).count("Concatenate") == 3
    assert "Concatenate" not in kinds(split)
    assert [layer.name for layer in split.layers if layer.name.startswith("up2_conv")] == (
        ["up2_conv_0", "up2_conv_1", "up2_conv_sum"]
        if upsampling == "transposed"
        else ["up2_conv_resize", "up2_conv_0", "up2_conv_1", "up2_conv_sum"]
    )
    x = pictures(2, (32, 32, 3))
    np.testing.assert_allclose(split(x), network(x), atol=1e-6)
    assert split.count_params() == network.count_params()


@pytest.mark.parametrize(
    "layers",
    [
        [keras.layers.Conv2D(4, 3, padding="same", activation="relu")],
        [keras.layers.Conv2D(4, 3, strides=2, use_bias=False)],
        [keras.layers.LeakyReLU(0.2), keras.layers.Conv2DTranspose(4, 3, strides=2)],
        [keras.layers.Activation("tanh"), keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(1, 3)],
        [keras.layers.UpSampling2D(2), keras.layers.Dropout(0.5), keras.layers.Conv2D(1, 3)],
    ],
    ids=["activation", "no-bias", "transposed", "padding", "resize"],
)
def test_convolutions_of_concatenations_are_sums(layers):
    network = randomized(network_of(*layers))
    split = split_transposed(network)
    assert "Concatenate" not in kinds(split)
    x = pictures(2, (8, 8, 3))
    np.testing.assert_allclose(split(x), network(x), atol=1e-5)


@pytest.mark.parametrize(
    "layers",
    [
        [keras.layers.Activation("softmax"), keras.layers.Conv2D(4, 1)],
        [keras.layers.BatchNormalization(), keras.layers.Conv2D(4, 1)],
        [keras.layers.Conv2D(7, 1, groups=7)],
        [SpectralConv2D(4, 1)],
        [keras.layers.Dense(4)],
        [],
    ],
    ids=["softmax", "norm", "groups", "spectral", "dense", "nothing"],
)
def test_a_network_without_such_convolutions_is_returned_as_it_is(layers):
    network = network_of(*layers)
    assert split_transposed(network) is network


def test_concatenations_of_rows_stay():
    source = keras.Input((8, 8, 3))
    rows = keras.layers.Concatenate(axis=1)([source, source])
    network = keras.Model(source, keras.layers.Conv2D(1, 1)(rows))
    assert split_transposed(network) is network


def test_a_concatenation_that_something_else_takes_too_stays_there():
    convolution = keras.layers.Conv2D(7, 1)
    network = randomized(network_of(after=lambda x, parts: keras.layers.Add()([x, convolution(x)])))
    split = split_transposed(network)
    assert kinds(split).count("Concatenate") == 1
    assert kinds(split).count("Conv2D") == 4
    x = pictures(2, (8, 8, 3))
    np.testing.assert_allclose(split(x), network(x), atol=1e-5)


def test_models_within_stay_and_the_network_keeps_its_own_layers():
    inner = unet((32, 32, 3), 3, depth=3, filters=2)
    source = keras.Input((32, 32, 3))
    network = keras.Model(source, inner(source))
    assert split_transposed(network) is network

    before = [layer.name for layer in inner.layers]
    split = split_transposed(inner)
    assert split is not inner
    assert [layer.name for layer in inner.layers] == before
    assert split.get_layer("down1_conv") is inner.get_layer("down1_conv")


def test_a_small_decoder_beside_a_large_skip_survives_whole_numbers(tmp_path):
    pytest.importorskip("ai_edge_litert")
    from small_networks import psnr

    from zoo.export.formats.litert import LiteRT

    network = small_network("unet")
    # The skip connection's values become two hundred times those of the decoder, whose kernel makes up for it.
    network.get_layer("down1_conv").kernel.assign(network.get_layer("down1_conv").kernel * 200)
    network.get_layer("down2_conv").kernel.assign(network.get_layer("down2_conv").kernel / 200)
    last = network.get_layer("up1_conv")
    kernel = last.kernel.numpy()
    kernel[..., :2] /= 200
    last.kernel.assign(kernel)
    given = material(network)
    LiteRT("int8").write(given, tmp_path)
    painted = LiteRT("int8").open(tmp_path, 1)(given.held_out)
    assert psnr(painted, network.predict_on_batch(given.held_out)) > 35
