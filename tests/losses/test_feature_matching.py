"""Feature matching: the loss, the network that gives the features, and pix2pix with it."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, shape, tiny_data, tiny_parts

from zoo.losses.feature_matching import FeatureMatching, compares_features, features_to_match
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import pix2pix
from zoo.networks.features import feature_network, offer_features
from zoo.networks.patchgan import patchgan


def tensors(*arrays):
    return [ops.convert_to_tensor(np.float32(array)) for array in arrays]


@pytest.mark.parametrize(("distance", "expected"), [("l1", (1.5 + 2) / 2), ("l2", (2.5 + 4) / 2)])
def test_every_layer_counts_alike(distance, expected):
    real = tensors([[0.0, 0.0]], np.zeros((1, 2, 2, 2)))
    fake = tensors([[1.0, -2.0]], np.full((1, 2, 2, 2), 2.0))
    assert float(FeatureMatching(distance)(real, fake)) == pytest.approx(expected)


def test_the_features_are_those_after_the_activations():
    keras.utils.set_random_seed(0)
    discriminator = patchgan(shape(4), layers=2, filters=2, norm="instance")
    network = feature_network(discriminator, features_to_match(discriminator))
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, *shape(4))).astype("float32")
    features, logits = network(pictures, training=True)
    assert len(features) == 3
    expected = keras.Model(
        discriminator.input, discriminator.get_layer("layer2_activation").output
    )(pictures, training=True)
    np.testing.assert_array_equal(ops.convert_to_numpy(features[1]), ops.convert_to_numpy(expected))
    np.testing.assert_allclose(
        ops.convert_to_numpy(logits),
        ops.convert_to_numpy(discriminator(pictures, training=True)),
        atol=1e-6,
    )
    assert {id(v) for v in network.weights} == {id(v) for v in discriminator.weights}


def test_what_a_discriminator_offers_goes_before_its_activations():
    discriminator = patchgan(shape(4), layers=2, filters=2)
    assert features_to_match(discriminator) == tuple(
        f"layer{layer}_activation" for layer in (1, 2, 3)
    )
    offer_features(discriminator, ["layer2_conv"])
    assert features_to_match(discriminator) == ("layer2_conv",)
    with pytest.raises(ValueError, match="No such layer: layer9_conv"):
        offer_features(discriminator, ["layer9_conv"])


def test_a_discriminator_without_activations_is_refused():
    plain = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(1, 3)], name="plain")
    with pytest.raises(
        ValueError, match="the discriminator 'plain' has no activation layer of its own"
    ):
        features_to_match(plain)


def test_a_discriminator_that_hides_its_layers_is_refused():
    class Hidden(keras.Model):
        def call(self, pictures):
            return pictures

    with pytest.raises(
        ValueError, match="'hidden' has no layers that can be looked into, as it is no functional"
    ):
        features_to_match(Hidden(name="hidden"))


def test_a_sequential_discriminator_shows_its_features():
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.ReLU()]
    sequential = keras.Sequential([*layers, keras.layers.Conv2D(1, 3)])
    network = feature_network(sequential, features_to_match(sequential))
    assert [output.shape for output in network.outputs] == [(None, 6, 6, 2), (None, 4, 4, 1)]


def test_pix2pix_learns_by_it_and_goes_on_from_a_file(tmp_path):
    keras.utils.set_random_seed(0)
    loss = WeightedLoss("feature_matching", FeatureMatching(), 10.0)
    model = pix2pix(replace(tiny_parts(), reconstruction=(loss,)))
    model.compile(optimizer=optimizers(learning_rate=1e-3))
    data = tiny_data(3)
    options = {"shuffle": False, "verbose": 0}
    history = model.fit(data, epochs=3, **options).history
    assert min(history["generator_feature_matching"]) > 0
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert compares_features(restored.reconstruction[0].loss)
    assert restored.fit(data, **options).history == model.fit(data, **options).history
