import subprocess
import sys

import keras
import numpy as np
import pytest
from small_networks import pictures, small_network

from zoo.export.prepare import as_function, exportable, in_float32, stays_random
from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.networks.unet import unet

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="exports start from TensorFlow"
)


def test_a_network_that_draws_nothing_is_returned_as_it_is():
    network = small_network("statistics of each picture")
    assert not stays_random(network)
    assert exportable(network) is network


def test_dropout_that_stays_on_keeps_the_networks_weights():
    network = small_network("dropout")
    assert stays_random(network)
    prepared = exportable(network)
    assert prepared.get_layer("block1_conv1") is network.get_layer("block1_conv1")
    x = pictures(2, (32, 32, 3))
    assert np.abs(prepared(x) - prepared(x)).max() > 0.01
    # An average over many draws is the network's own average.
    many = pictures(1, (32, 32, 3)).repeat(200, axis=0)
    means = [np.asarray(each(many)).mean(axis=0) for each in (prepared, network)]
    assert np.sqrt(np.mean((means[0] - means[1]) ** 2)) < 0.1


def test_a_seed_that_was_set_is_not_written_into_the_graph():
    paintings = []
    for _ in range(2):
        network = small_network("dropout")
        keras.utils.set_random_seed(5)
        paintings.append(as_function(network)(pictures(1, (32, 32, 3))).numpy())
    assert np.abs(paintings[0] - paintings[1]).max() > 0.01


def test_dropout_within_a_model_within_is_found():
    inner = small_network("dropout")
    source = keras.Input((32, 32, 3))
    network = keras.Model(source, inner(source))
    assert stays_random(network)
    assert not stays_random(exportable(network))


def test_the_share_that_is_dropped():
    source = keras.Input((100, 100, 1))
    network = keras.Model(source, keras.layers.Dropout(0.3)(source))
    prepared = exportable(inference_network(network, Inference(dropout=True)))
    painted = prepared(np.ones((1, 100, 100, 1), "float32")).numpy()
    assert np.unique(painted).tolist() == pytest.approx([0, 1 / 0.7])
    assert np.mean(painted == 0) == pytest.approx(0.3, abs=0.03)


def test_dropout_where_operations_are_deterministic(tiny_recipe, tmp_path):
    pytest.importorskip("tensorflow_serving")
    pytest.importorskip("ai_edge_litert")
    # They are for the rest of a process that trains by a recipe that asks for it.
    program = f"""
import numpy as np
import zoo
options = [
    "training.deterministic=true", "training.epochs=1", "inference.dropout=true",
    "generator={{name: resnet, filters: 4, blocks: 2, dropout: 0.5}}",
]
run = zoo.train({str(tiny_recipe)!r}, *options, root={str(tmp_path)!r})
for name in ("saved_model", "litert"):
    network = zoo.export_run(run, name).runtime()
    x = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype("float32")
    assert np.abs(network(x) - network(x)).max() > 0, name
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("statistics", ["running", "picture"])
def test_mixed_precision_becomes_float32_with_the_same_weights(precision, statistics):
    before = keras.config.dtype_policy()
    networks = []
    for policy in (precision, "float32"):
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(0)
        network = unet((16, 16, 3), 3, depth=3, filters=2, init="he")
        networks.append(inference_network(network, Inference(statistics=statistics)))
    keras.config.set_dtype_policy(before)
    mixed, full = networks
    x = pictures(2, (16, 16, 3))
    assert np.abs(mixed(x) - full(x)).max() > 1e-4
    np.testing.assert_allclose(in_float32(mixed)(x), full(x), atol=1e-6)
    assert in_float32(full) is full
