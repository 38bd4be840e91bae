import keras
import numpy as np
import pytest
from keras import ops

from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.networks.unet import unet


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(3)
    network = unet((64, 64, 3), 3, depth=6, filters=2, dropout=0.5)
    # Moving statistics and offsets that matter.
    random = np.random.default_rng(0)
    for variable in network.weights:
        if variable.name in ("moving_mean", "beta"):
            variable.assign(random.normal(0, 0.5, variable.shape))
    return network


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).uniform(-1, 1, (2, 64, 64, 3)).astype("float32")


def run(network, source, **arguments):
    return ops.convert_to_numpy(network(source, **arguments))


def test_the_usual_choice_is_the_generator_itself(generator):
    assert inference_network(generator, Inference()) is generator


def test_picture_statistics_are_batch_norm_one_picture_at_a_time(pictures):
    plain = unet((64, 64, 3), 3, depth=6, filters=2, dropout=0)
    network = inference_network(plain, Inference(statistics="picture"))
    together = run(network, pictures)
    for index in range(2):
        alone = run(plain, pictures[index : index + 1], training=True)
        np.testing.assert_allclose(together[index], alone[0], atol=2e-5)
    assert not np.allclose(together, run(plain, pictures), atol=1e-3)


def test_lasting_dropout_differs_from_call_to_call(generator, pictures):
    network = inference_network(generator, Inference(dropout=True))
    before = [v.numpy().copy() for v in generator.variables]
    assert not np.array_equal(run(network, pictures), run(network, pictures))
    # Neither statistics nor the training's random stream have moved.
    for variable, value in zip(generator.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_weights_are_shared(generator, pictures):
    network = inference_network(generator, Inference(statistics="picture"))
    assert {id(v) for v in network.trainable_variables} == {
        id(v) for v in generator.trainable_variables
    }
    offset = generator.get_layer("up2_norm").beta
    before = run(network, pictures)
    offset.assign(offset.numpy() + 1)
    after = run(network, pictures)
    offset.assign(offset.numpy() - 1)
    assert not np.allclose(before, after, atol=1e-3)


@pytest.mark.parametrize(
    "inference",
    [
        Inference(),
        Inference(statistics="picture"),
        Inference(dropout=True),
        Inference(dropout=True, statistics="picture"),
    ],
)
def test_it_survives_a_file(generator, pictures, inference, tmp_path):
    network = inference_network(generator, inference)
    network.save(tmp_path / "generator.keras")
    restored = keras.models.load_model(tmp_path / "generator.keras")
    # With dropout on, a fresh copy begins the same random stream.
    expected = run(inference_network(generator, inference), pictures)
    np.testing.assert_allclose(run(restored, pictures), expected, atol=1e-6)
    # The generator itself is still whole.
    generator.save(tmp_path / "training.keras")
    again = keras.models.load_model(tmp_path / "training.keras")
    np.testing.assert_allclose(run(again, pictures), run(generator, pictures), atol=1e-6)


def test_networks_inside_networks(pictures):
    inner = keras.Sequential(
        [keras.Input((64, 64, 3)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)]
    )
    source = keras.Input((64, 64, 3))
    outer = keras.Model(source, keras.layers.Conv2D(3, 1)(inner(source)))
    network = inference_network(outer, Inference(dropout=True, statistics="picture"))
    assert not np.array_equal(run(network, pictures), run(network, pictures))
    shifted = inference_network(outer, Inference(statistics="picture"))
    np.testing.assert_allclose(run(shifted, pictures), run(shifted, pictures + 3), atol=1e-4)


def test_other_models_cannot_be_changed():
    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match="only supported for Sequential models or Functional"):
        inference_network(Own(), Inference(dropout=True))
