"""The moving average of the generator's weights: what translates in its place."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import WITH_DROPOUT, snapshot, tiny_data, tiny_pix2pix

from zoo.models.parts import Inference

AVERAGED = Inference(ema=0.9)


def fit(model, data, **arguments):
    return model.fit(data, **{"batch_size": 1, "shuffle": False, "verbose": 0, **arguments}).history


def values(network):
    return [ops.convert_to_numpy(variable).astype("float64") for variable in network.weights]


def test_it_begins_with_the_generators_weights():
    model = tiny_pix2pix(inference=AVERAGED)
    for slow, fast in zip(values(model.average.network), values(model.generator), strict=True):
        np.testing.assert_array_equal(slow, fast)


def test_it_follows_by_the_momentum():
    model, data = tiny_pix2pix(inference=AVERAGED), tiny_data(3)
    expected = values(model.generator)
    for update in range(1, 4):
        fit(model, {name: part[update - 1 : update] for name, part in data.items()})
        share = 1 - min(0.9, (1 + update) / (10 + update))
        fast = values(model.generator)
        expected = [slow + share * (now - slow) for slow, now in zip(expected, fast, strict=True)]
    found = values(model.average.network)
    assert any(not np.array_equal(one, now) for one, now in zip(found, fast, strict=True))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_it_does_not_change_the_training():
    data = tiny_data(3)
    histories = [fit(tiny_pix2pix(inference=choice), data) for choice in (Inference(), AVERAGED)]
    # The copy's own initial weights take numbers from the stream, but the networks have theirs by then.
    for name, losses in histories[0].items():
        assert losses == histories[1][name], name


@pytest.mark.parametrize(
    ("choice", "depth"), [({}, 3), ({"dropout": True, "statistics": "picture"}, WITH_DROPOUT)]
)
def test_it_translates_and_survives_a_file(tmp_path, choice, depth):
    model = tiny_pix2pix(depth=depth, inference=Inference(ema=0.5, **choice))
    data = tiny_data(3, depth=depth)
    fit(model, data)
    weights = {id(variable) for variable in model.average.network.weights}
    assert weights <= {id(variable) for variable in model.inference_network.weights}
    if not choice:
        averaged = model.average.network.predict_on_batch(data["source"])
        np.testing.assert_array_equal(model.predict_on_batch(data["source"]), averaged)
        plain = model.generator.predict_on_batch(data["source"])
        assert not np.array_equal(averaged, plain)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert fit(restored, data) == fit(model, data)
    for ours, theirs in zip(snapshot(restored), snapshot(model), strict=True):
        np.testing.assert_array_equal(ours, theirs)
