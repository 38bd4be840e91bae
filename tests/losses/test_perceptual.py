import dataclasses
import re
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, snapshot, tiny_data, tiny_parts

from zoo import backend
from zoo.errors import ZooError
from zoo.losses.perceptual import ADDRESS, PIX2PIXHD, Perceptual
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import pix2pix

LAYERS = {"block1_conv2": 0.5, "block2_pool": 2.0}


@pytest.fixture(scope="module")
def vgg16(tmp_path_factory) -> Path:
    """A file with random weights of VGG16, as a person would have those of ImageNet."""
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("vgg") / "vgg16.weights.h5"
    keras.applications.VGG16(include_top=False, weights=None).save_weights(path)
    return path


@pytest.fixture
def perceptual(vgg16):
    return partial(Perceptual, "vgg16", weights=str(vgg16))


def pictures(seed, channels=3, size=16):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (2, size, size, channels)).astype("float32")


def by_hand(path, layers, target, fake, measure):
    """The weighted distances, of features from Keras's own network and preprocessing of arrays in 0 to 255."""
    whole = keras.applications.VGG16(include_top=False, weights=path, input_shape=(None, None, 3))
    total = 0.0
    for layer, weight in layers.items():
        network = keras.Model(whole.input, whole.get_layer(layer).output)
        wanted, found = (
            network.predict_on_batch(
                keras.applications.vgg16.preprocess_input((picture + 1) * 127.5)
            )
            for picture in (target, fake)
        )
        total += weight * measure(found - wanted).mean()
    return total


@pytest.mark.parametrize(("distance", "measure"), [("l1", np.abs), ("l2", np.square)])
@pytest.mark.parametrize("layers", [LAYERS, PIX2PIXHD])
def test_it_compares_the_networks_features(perceptual, vgg16, layers, distance, measure):
    target, fake = pictures(0), pictures(1)
    expected = by_hand(vgg16, layers, target, fake, measure)
    found = perceptual(layers=layers, distance=distance)(target, fake)
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_the_default_layers_are_those_of_pix2pixhd(perceptual):
    assert perceptual().layers == {
        "block1_conv1": 1 / 32,
        "block2_conv1": 1 / 16,
        "block3_conv1": 1 / 8,
        "block4_conv1": 1 / 4,
        "block5_conv1": 1,
    }


def test_equal_pictures_cost_nothing(perceptual):
    assert float(perceptual(layers=LAYERS)(pictures(0), pictures(0))) == 0


def test_grey_is_seen_as_colours_that_are_equal(perceptual):
    loss = perceptual(layers=LAYERS)
    target, fake = pictures(0, 1), pictures(1, 1)
    in_colour = loss(np.repeat(target, 3, -1), np.repeat(fake, 3, -1))
    assert float(loss(target, fake)) == pytest.approx(float(in_colour))


def test_only_the_fake_is_differentiated(perceptual):
    loss = perceptual(layers=LAYERS)
    target, fake = (ops.convert_to_tensor(pictures(seed)) for seed in (0, 1))
    value, pullback, _ = backend.vjp(lambda fake: (loss(target, fake), None), fake)
    assert np.abs(ops.convert_to_numpy(pullback(ops.ones_like(value)))).max() > 0
    # Torch differentiates nothing that depends on no input, so the target has a part of its own.
    value, pullback, _ = backend.vjp(
        lambda target: (loss(target, fake) + ops.sum(target), None), target
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(pullback(ops.ones_like(value))), 1)


def test_it_is_single_precision_among_half_precision_networks(perceptual):
    target, fake = pictures(0).astype("float16"), pictures(1).astype("float16")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        loss = perceptual(layers=LAYERS)
        assert keras.config.dtype_policy().name == "mixed_float16"
        found = loss(ops.convert_to_tensor(target), ops.convert_to_tensor(fake))
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    expected = perceptual(layers=LAYERS)(target.astype("float32"), fake.astype("float32"))
    assert float(found) == pytest.approx(float(expected), rel=1e-6)


def test_it_survives_a_file(perceptual, vgg16):
    loss = perceptual(layers=LAYERS, distance="l2")
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert restored.get_config() == loss.get_config()
    assert restored.get_config()["weights"] == str(vgg16)
    assert float(restored(pictures(0), pictures(1))) == float(loss(pictures(0), pictures(1)))


def test_it_trains_a_model_whose_file_leaves_it_out(perceptual, tmp_path):
    keras.utils.set_random_seed(0)
    weighted = WeightedLoss("perceptual", perceptual(layers=LAYERS), 0.1)
    model = pix2pix(dataclasses.replace(tiny_parts(), reconstruction=(weighted,)))
    model.compile(optimizer=optimizers())
    network = weighted.loss._features
    before = [weight.numpy().copy() for weight in network.weights]
    history = model.fit(tiny_data(2), batch_size=1, epochs=2, verbose=0).history
    assert np.isfinite(history["generator_perceptual"]).all()
    for weight, value in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)
    model.save(tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size < 2e6
    restored = keras.models.load_model(tmp_path / "model.keras")
    for saved, loaded in zip(snapshot(model), snapshot(restored), strict=True):
        np.testing.assert_array_equal(saved, loaded)


PICTURES = {
    "channels": (
        pictures(0, 2),
        "the perceptual loss compares pictures of 1 or 3 channels, grey or RGB, but these have 2; leave it out",
    ),
    "small": (
        pictures(0, size=3),
        "the perceptual loss needs pictures of at least 4 x 4 pixels for its deepest layer, but these are 3 x 3; "
        "leave out its deepest layers or use larger pictures",
    ),
}


@pytest.mark.parametrize("case", PICTURES)
def test_pictures_that_it_cannot_compare(perceptual, case):
    picture, message = PICTURES[case]
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        perceptual(layers=LAYERS)(picture, picture)


def test_the_smallest_pictures_have_a_feature_in_every_layer(perceptual):
    for layers, size in ((LAYERS, 4), (PIX2PIXHD, 16)):
        loss = perceptual(layers=layers)(pictures(0, size=size), pictures(1, size=size))
        assert np.isfinite(float(loss))


ARGUMENTS = {
    "unknown layer": (
        {"layers": {"block3_conv4": 1.0}},
        "vgg16 has no layer 'block3_conv4'; it has block1_conv1, block1_conv2, block1_pool, block2_conv1, "
        "block2_conv2, block2_pool, block3_conv1, block3_conv2, block3_conv3, block3_pool, block4_conv1, "
        "block4_conv2, block4_conv3, block4_pool, block5_conv1, block5_conv2, block5_conv3, block5_pool. "
        "Did you mean 'block3_conv3'?",
    ),
    "negative weight": (
        {"layers": {"block1_conv1": -1.0}},
        "the layer block1_conv1 has the weight -1; expected at least 0",
    ),
    "no layer": ({"layers": {}}, "the perceptual loss has no layers to compare; name at least one"),
    "no file": (
        {"weights": "nowhere.h5"},
        "there is no file nowhere.h5 with weights of vgg16; expected imagenet or the path of a file",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments_that_mean_nothing(case):
    arguments, message = ARGUMENTS[case]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Perceptual("vgg16", **arguments)


def test_a_file_of_something_else(tmp_path, vgg16):
    junk = tmp_path / "junk.h5"
    junk.write_text("junk")
    for network, path in (("vgg16", junk), ("vgg19", vgg16)):
        message = f"{path} does not hold the weights of {network} without its top, as .h5 or .weights.h5: "
        with pytest.raises(ValueError, match=f"^{re.escape(message)}[^\n]+$"):
            Perceptual(network, weights=str(path))


def test_without_a_connection_it_says_what_to_fetch_and_where_to_put_it(monkeypatch, tmp_path):
    def offline(**arguments):
        assert arguments["weights"] == "imagenet"
        # As Keras tells it.
        raise Exception(f"URL fetch failure on {ADDRESS}: None -- [Errno -2] Name not known")

    monkeypatch.setattr(keras.applications, "VGG19", offline)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    file = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
    message = (
        f"the weights of vgg19 cannot be downloaded: [Errno -2] Name not known; fetch {ADDRESS}/vgg19/{file} on "
        f"another machine and put it into {tmp_path / 'models'}, or put it anywhere and give its path as 'weights'"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Perceptual()


@pytest.mark.parametrize("network", ["vgg16", "vgg19"])
def test_the_address_is_the_one_that_keras_uses(network):
    from keras.src.applications import vgg16, vgg19

    theirs = {"vgg16": vgg16, "vgg19": vgg19}[network].WEIGHTS_PATH_NO_TOP
    file = f"{network}_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert theirs == f"{ADDRESS}/{network}/{file}"
