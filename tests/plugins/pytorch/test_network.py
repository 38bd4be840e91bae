"""Whole checkpoints: the network that is built computes what the original computes."""

import re

import numpy as np
import pytest
from keras import ops
from reference import GOLDEN
from zoo_pytorch.network import import_network

from zoo.errors import ZooError
from zoo.models.inference import inference_network
from zoo.models.parts import Inference

CHECKPOINTS = {
    "unet_128_net_G": ("UNet", (3, 3, 7, 2, "batch", True), 128),
    "resnet_9blocks_net_G": ("ResNet", (3, 3, 9, 3, "instance", False, "reflect"), 64),
}


def original(name):
    torch = pytest.importorskip("torch")
    import originals

    architecture, arguments, _ = CHECKPOINTS[name]
    network = getattr(originals, architecture)(*arguments)
    network.load_state_dict(torch.load(GOLDEN / f"{name}.pth", weights_only=True))
    return network


def painted(network, source):
    import torch

    with torch.no_grad():
        output = network(torch.from_numpy(np.moveaxis(source, -1, 1).copy()))
    return np.moveaxis(output.numpy(), 1, -1)


@pytest.fixture
def source(request):
    size = CHECKPOINTS[request.getfixturevalue("name")][2]
    return np.random.default_rng(0).uniform(-1, 1, (1, size, size, 3)).astype("float32")


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_checkpoint_computes_what_the_original_does(name, source):
    expected = painted(original(name).eval(), source)
    network = import_network(GOLDEN / f"{name}.pth", size=source.shape[1])
    output = ops.convert_to_numpy(network(source, training=False))
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-4)
    # A picture, and not the same colour everywhere.
    assert output.std() > 0.05


@pytest.mark.parametrize("name", ["unet_128_net_G"])
def test_each_pictures_own_statistics_are_those_of_the_original_in_training(name, source):
    torch = pytest.importorskip("torch")
    trained = original(name).train()
    for module in trained.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
    network = import_network(GOLDEN / f"{name}.pth")
    network = inference_network(network, Inference(statistics="picture"))
    output = ops.convert_to_numpy(network(source, training=False))
    np.testing.assert_allclose(output, painted(trained, source), rtol=0, atol=1e-4)


def test_an_error_names_the_file(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "vgg.pth"
    torch.save({"features.0.weight": torch.zeros(1, 1, 3, 3)}, path)
    with pytest.raises(ZooError, match=f"^{re.escape(str(path))}: these are not the weights of"):
        import_network(path)
    path = GOLDEN / "resnet_9blocks_net_G.pth"
    message = (
        f"{path}: a ResNet needs height and width divisible by 4 and at least 8, "
        "but the pictures are 30 x 30; choose another size"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        import_network(path, size=30)
