"""No seam shows between the tiles of a larger picture."""

from typing import Any

import keras
import numpy as np
import pytest

from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.models.shared_statistics import settling
from zoo.networks.resnet import resnet
from zoo.runs.files import GENERATOR, RECIPE
from zoo.runs.run import load_run
from zoo.translation.tiling import TiledAxis, alignment_of
from zoo.translation.translator import Translator

GREY_LEVEL = 2 / 255


def textured(height, width):
    """A picture whose brightness and contrast change from place to place."""
    y, x = np.mgrid[0:height, 0:width].astype("float32")
    waves = np.sin(x / 5)[..., None] * np.sin(y[..., None] / np.array([6, 7, 8]))
    picture = 0.8 * (x / width)[..., None] - 0.4 + (0.1 + 0.4 * (y / height)[..., None]) * waves
    return picture.astype("float32")


def sky(height, width):
    """A picture of slow changes of colour, in which every step shows."""
    y, x = np.mgrid[0:height, 0:width].astype("float32")[..., None]
    around = 2 * np.pi * x / width + np.array([0, 2, 4])
    return (0.7 * np.sin(around) * np.cos(3 * y / height)).astype("float32")


# === Networks without statistics of pictures ===


def make_lively(network):
    """Make the difference between what a network paints here and there many grey levels."""
    random = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            ranges = [(0.8, 1.2), (-0.1, 0.1), (-0.1, 0.1), (0.5, 1.5)]
            layer.set_weights(
                [
                    random.uniform(*around, weight.shape)
                    for around, weight in zip(ranges, layer.weights, strict=True)
                ]
            )
        elif layer.weights:
            layer.set_weights([weight * 8 for weight in layer.get_weights()])


def test_tiled_is_untiled_where_the_margin_is_wider_than_the_network_sees():
    keras.utils.set_random_seed(0)
    tile, overlap = 128, 0.75
    # What a pixel painted depends on: 3 + 1 + 2 pixels down, 8 in the block, 4 + 2 + 3 up.
    radius = 23
    network = resnet((tile, tile, 3), 3, blocks=1, filters=4, norm="batch")
    make_lively(network)
    whole = resnet((320, 256, 3), 3, blocks=1, filters=4, norm="batch")
    whole.set_weights(network.get_weights())
    picture = textured(320, 256)
    expected = whole.predict_on_batch(picture[None])[0]

    def difference(overlap, alignment):
        translator = Translator(
            network, (tile, tile), overlap=overlap, batch_size=4, alignment=alignment
        )
        return np.abs(translator(picture) - expected).max()

    assert alignment_of(network) == 4
    assert tile * overlap / 4 >= radius
    assert expected.std() > 20 * GREY_LEVEL
    assert difference(overlap, 4) < GREY_LEVEL / 100
    # It is the margin that does it.
    assert difference(0, 4) > GREY_LEVEL


def test_a_border_that_needs_no_margin_is_exact_to_the_last_pixel():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((32, 32, 1))
    network = keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same")(inputs))
    whole = keras.Model(
        inputs := keras.Input((90, 71, 1)), keras.layers.Conv2D(1, 3, padding="same")(inputs)
    )
    whole.set_weights(network.get_weights())
    picture = textured(90, 71)[..., :1]
    np.testing.assert_allclose(
        Translator(network, (32, 32))(picture), whole.predict_on_batch(picture[None])[0], atol=1e-5
    )


# === Networks with statistics of each picture ===


def instance(tile):
    network = resnet((tile, tile, 3), 3, blocks=1, filters=4, upsampling="resize")
    make_smooth(network)
    return network


def picture_batch_norm(tile):
    network = resnet((tile, tile, 3), 3, blocks=1, filters=4, upsampling="resize", norm="batch")
    make_smooth(network)
    return inference_network(network, Inference(statistics="picture"))


def make_smooth(network):
    """Have a network mix its channels and blur, so that what it paints has no steps of its own."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, *bias = layer.get_weights()
            kernel = np.abs(kernel)
            kernel *= 2 / kernel.sum(axis=(0, 1, 2), keepdims=True)
            layer.set_weights([kernel, *(0 * weight for weight in bias)])


def seam(painted, axis):
    """Return the mean step from column to column where two tiles fade, as a multiple of the mean step elsewhere."""
    steps = np.abs(np.diff(painted, axis=1)).mean(axis=(0, 2))
    fading = np.zeros(painted.shape[1] - 1, bool)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        between = np.flatnonzero((weights > 0) & (weights < 1))
        fading[start + between[:-1]] = True
    return steps[fading].mean() / steps[~fading].mean()


@pytest.mark.parametrize("build", [instance, picture_batch_norm])
def test_statistics_of_each_tile_show_seams_and_those_of_the_picture_do_not(build):
    keras.utils.set_random_seed(0)
    tile = 64
    network = build(tile)
    picture = sky(192, 320)
    axis = TiledAxis(320, tile, 0.25, 4)

    def painted(settle):
        return Translator(network, (tile, tile), batch_size=4, alignment=4, settle=settle)(picture)

    by_tile, settled = painted(None), painted(settling(network))
    assert settled.std() > 20 * GREY_LEVEL
    assert seam(by_tile, axis) > 3
    assert seam(settled, axis) < 1.1


def test_a_picture_of_one_tile_goes_through_the_network_itself():
    network = instance(64)

    def unsettled(tiles):
        raise AssertionError

    picture = textured(64, 64)
    translator = Translator(network, (64, 64), settle=unsettled)
    np.testing.assert_array_equal(translator(picture), network.predict_on_batch(picture[None])[0])
    assert translator(textured(30, 64)).shape == (30, 64, 3)


def test_a_run_aligns_its_tiles_and_settles_its_statistics(tmp_path):
    keras.utils.set_random_seed(0)
    (tmp_path / RECIPE).write_text("model: {name: pix2pix}\n")
    instance(64).save(tmp_path / GENERATOR)
    run = load_run(tmp_path)
    picture = sky(100, 150)
    options = {"alignment": 4, "settle": settling(run.generator)}
    expected: Any = Translator(run.generator, (64, 64), **options)(picture)
    np.testing.assert_allclose(run(picture), expected, atol=1e-6)
    by_tile: Any = Translator(run.generator, (64, 64), alignment=4)(picture)
    assert np.abs(by_tile - expected).max() > 20 * GREY_LEVEL
