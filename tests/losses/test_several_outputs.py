"""Discriminators of several outputs: objectives, penalties and feature matching are averaged over them."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import shape, tiny_data, tiny_parts

from zoo.losses.adversarial import Hinge, LeastSquares, Vanilla, over_outputs
from zoo.losses.feature_matching import FeatureMatching
from zoo.models.parts import WeightedLoss, WeightedPenalty
from zoo.models.penalize import output_count, penalize
from zoo.models.pix2pix import Pix2Pix
from zoo.networks.features import feature_network, offered_features
from zoo.networks.multiscale_patchgan import multiscale_patchgan
from zoo.networks.patchgan import patchgan


def logits(*means):
    return [ops.full((2, side, side, 1), mean) for side, mean in zip((3, 2), means, strict=True)]


@pytest.mark.parametrize("loss", [Vanilla(), LeastSquares(), Hinge()])
def test_the_objective_is_the_mean_of_those_of_the_outputs(loss):
    real, fake = logits(0.5, -0.25), logits(0.125, 2.0)
    each = [loss.discriminator(*pair) for pair in zip(real, fake, strict=True)]
    found = over_outputs(loss.discriminator, real, fake)
    for part in (0, 1):
        assert float(found[part]) == pytest.approx(float(each[0][part] + each[1][part]) / 2)
    expected = sum(float(loss.generator(one)) for one in fake) / 2
    assert float(over_outputs(loss.generator, fake)) == pytest.approx(expected)
    # A tensor is one output, whatever its size.
    assert float(over_outputs(loss.generator, fake[0])) == float(loss.generator(fake[0]))


def test_the_mean_of_hinges_in_numbers():
    # (1 - 0.5 + 1 + 0.25) / 2 and (1 + 0.125 + 1 + 2) / 2
    real, fake = over_outputs(Hinge().discriminator, logits(0.5, -0.25), logits(0.125, 2.0))
    assert float(real) == pytest.approx(0.875)
    assert float(fake) == pytest.approx(2.0625)


class Sum:
    """A penalty that is the sum of the logits."""

    figures = ("sum",)

    def __call__(self, judge, real, fake, random):
        total = ops.sum(judge(real))
        return total, {"sum": total}


def test_a_penalty_is_the_mean_of_those_on_the_outputs():
    def judge(pictures):
        return [ops.sum(pictures, axis=(1, 2, 3)), 3 * ops.sum(pictures, axis=(1, 2, 3))]

    ones = ops.ones((1, 2, 2, 1))
    penalties = [WeightedPenalty("sum_of_it", Sum(), 10.0)]
    total, logs = penalize(penalties, judge, ones, ones, random=object(), outputs=2)
    assert float(total) == pytest.approx(10 * (4 + 12) / 2)
    assert {name: float(value) for name, value in logs.items()} == {
        "discriminator_sum_of_it": 80.0,
        "discriminator_sum": 8.0,
    }


def test_each_scale_is_a_patchgan_of_means():
    keras.utils.set_random_seed(0)
    network = multiscale_patchgan(shape(4), scales=2, layers=1, filters=2, norm="none")
    assert [tuple(output.shape) for output in network.outputs] == [(None, 6, 6, 1), (None, 2, 2, 1)]
    assert output_count(network) == 2
    single = patchgan((8, 8, 3), layers=1, filters=2, norm="none")
    single.set_weights(_values(network, "scale2_"))
    pictures = tiny_data(2, depth=4)["source"]
    means = pictures.reshape(2, 8, 2, 8, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(
        ops.convert_to_numpy(network(pictures)[1]), ops.convert_to_numpy(single(means)), atol=1e-5
    )


def _values(network, prefix):
    return [ops.convert_to_numpy(v) for v in network.weights if v.path.startswith(prefix)]


def test_features_are_those_of_every_scale_from_the_first_to_the_last_layer():
    network = multiscale_patchgan(shape(4), scales=2, layers=1, filters=2)
    assert offered_features(network) == (
        "scale1_layer1_activation",
        "scale1_layer2_activation",
        "scale2_layer1_activation",
        "scale2_layer2_activation",
    )
    features, answers = feature_network(network, offered_features(network))(
        ops.ones((1, *shape(4)))
    )
    assert [feature.shape[1] for feature in features] == [8, 7, 4, 3]
    assert [answer.shape[1] for answer in answers] == [6, 2]


def test_one_scale_answers_as_a_patchgan_does():
    network = multiscale_patchgan(shape(4), scales=1, layers=1, filters=2, norm="batch")
    assert not isinstance(network(ops.ones((1, *shape(4)))), list)


def test_the_scales_count_alike_in_pix2pix():
    keras.utils.set_random_seed(0)
    parts = tiny_parts(depth=4)
    pair = (*shape(4)[:2], 6)
    model = Pix2Pix(
        parts.generator(shape(4), 3),
        multiscale_patchgan(pair, scales=2, layers=1, filters=2, norm="none"),
        LeastSquares(),
        reconstruction=(WeightedLoss("feature_matching", FeatureMatching(), 10.0),),
    )
    batch = {name: ops.convert_to_tensor(part) for name, part in tiny_data(2, depth=4).items()}
    fake = 0.5 * batch["target"]
    _, losses = model.generator_losses(batch, {"target": fake})
    losses = {name: ops.convert_to_numpy(ops.stop_gradient(loss)) for name, loss in losses.items()}
    features = {}
    for name, picture in (("real", batch["target"]), ("fake", fake)):
        both = ops.concatenate([batch["source"], picture], axis=-1)
        features[name], answers = keras.tree.map_structure(
            lambda each: ops.convert_to_numpy(ops.stop_gradient(each)),
            model.features(both, training=True),
        )
    distances = [
        np.abs(a - b).mean() for a, b in zip(features["real"], features["fake"], strict=True)
    ]
    assert len(distances) == 4
    assert float(losses["generator_feature_matching"]) == pytest.approx(
        10 * np.mean(distances), rel=1e-5
    )
    expected = np.mean([((answer - 1) ** 2).mean() for answer in answers])
    assert float(losses["generator_adversarial"]) == pytest.approx(expected, rel=1e-5)


def test_what_is_too_small_at_the_last_scale_is_refused():
    with pytest.raises(
        ValueError,
        match="scale 3 of 3 sees pictures of 16 x 16 reduced to 4 x 4: a PatchGAN of 1 layers needs pictures of at "
        "least 6 x 6, but they are 4 x 4; use a size of at least 6, or fewer scales",
    ):
        multiscale_patchgan(shape(4), scales=3, layers=1)
