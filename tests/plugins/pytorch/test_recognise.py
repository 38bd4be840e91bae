"""What is found out from names and shapes, for every network of the reference."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from reference import below, golden
from zoo_pytorch.network import build_network
from zoo_pytorch.recognise import recognise
from zoo_pytorch.weights import load_state_dict

from zoo.errors import ZooError

NORMS = ("batch", "instance", "none")


@dataclass(frozen=True)
class Case:
    """What the original is built with, and what shall be found."""

    original: str
    original_arguments: tuple
    architecture: str
    arguments: dict
    channels: tuple[int, int]
    size: int


def cases():
    for norm, dropout, depth in [*product(NORMS, (False, True), (5,)), ("batch", True, 6)]:
        found = {"depth": depth, "filters": 2, "norm": norm, "dropout": 0.5}
        made: tuple[Any, ...] = (4, 1, depth, 2, norm, dropout)
        yield Case("UNet", made, "unet", found, (4, 1), 2**depth)
    blocks = list(product((0.0, 0.5), ("reflect", "zero")))
    for norm, (dropout, padding) in [*product(NORMS[:2], blocks), ("none", blocks[0])]:
        found = {"blocks": 2, "filters": 3, "norm": norm, "dropout": dropout, "padding": padding}
        made = (1, 3, 2, 3, norm, dropout > 0, padding)
        yield Case("ResNet", made, "resnet", found, (1, 3), 16)
    for norm, layers in [*product(NORMS, (3,)), ("batch", 1), ("batch", 5)]:
        found = {"layers": layers, "filters": 2, "norm": norm}
        yield Case("PatchGAN", (6, layers, 2, norm), "patchgan", found, (6, 1), 3 * 2**layers)
    for norm in NORMS:
        found = {"filters": 3, "norm": norm}
        yield Case("PixelGAN", (4, 3, norm), "pixelgan", found, (4, 1), 8)


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.architecture}-{case.arguments}")
def test_every_network_is_recognised_and_computes_the_same(case):
    torch = pytest.importorskip("torch")
    import originals

    original = originals.randomized(
        getattr(originals, case.original)(*case.original_arguments),
    )
    state = {name: value.numpy() for name, value in original.state_dict().items()}
    found = recognise(state)
    assert found.architecture == case.architecture
    assert found.arguments == case.arguments
    assert (found.input_channels, found.output_channels) == case.channels

    network = build_network(found, size=case.size)
    load_state_dict(network, state)
    shape = (2, case.channels[0], case.size, case.size)
    source = np.random.default_rng(1).uniform(-1, 1, shape).astype("float32")
    with torch.no_grad():
        expected = original(torch.from_numpy(source)).numpy()
    assert expected.std() > 2e-3
    output = ops.convert_to_numpy(network(np.moveaxis(source, 1, -1), training=False))
    np.testing.assert_allclose(np.moveaxis(output, -1, 1), expected, rtol=1e-5, atol=1e-4)


def test_no_case_is_left_out():
    assert len(CASES) == 7 + 9 + 5 + 3


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "generator_unet_256_batch",
            "unet (depth 8, filters 2, norm batch, dropout 0.5), 3 to 3 channels",
        ),
        (
            "generator_resnet_6blocks_instance",
            "resnet (blocks 6, filters 3, norm instance, dropout 0.0, padding reflect), 3 to 3 channels",
        ),
        (
            "discriminator_n_layers_5_batch",
            "patchgan (layers 5, filters 2, norm batch), 6 to 1 channels",
        ),
        ("discriminator_pixel_instance", "pixelgan (filters 4, norm instance), 6 to 1 channels"),
    ],
)
def test_what_was_found_is_told_in_a_line(name, told):
    found = recognise(below(golden(name), "weights"))
    assert str(found) == told
    assert found.is_generator == name.startswith("generator")


def test_a_data_parallel_prefix_and_old_buffers_make_no_difference():
    weights = below(golden("generator_resnet_6blocks_instance"), "weights")
    old = dict(weights)
    # PyTorch 0.3 saved these for instance norm.
    for module, channels in (("model.2", 3), ("model.10.conv_block.6", 12)):
        old[f"{module}.running_mean"] = np.full(channels, 7.0, "float32")
        old[f"{module}.running_var"] = np.full(channels, 7.0, "float32")
        old[f"{module}.num_batches_tracked"] = np.array(3)
    old = {f"module.{name}": value for name, value in old.items()}
    found = recognise(old)
    assert found == recognise(weights)
    assert found.drops_statistics
    assert not recognise(weights).drops_statistics
    one, other = (build_network(found, size=16) for _ in range(2))
    load_state_dict(one, weights)
    load_state_dict(other, old)
    for here, there in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(here), ops.convert_to_numpy(there))


def unet_without(*missing, **foreign):
    weights = below(golden("generator_unet_128_instance"), "weights")
    return {name: value for name, value in weights.items() if name not in missing} | foreign


LOOKS = "these look like the weights of"
REFUSED = {
    "another network": (
        {f"features.{index}.weight": np.zeros((2, 2, 3, 3)) for index in range(8)},
        "these are not the weights of a network of the reference implementation: expected its U-Net "
        "(model.model.0.weight, …), ResNet (model.10.conv_block.1.weight, …), PatchGAN (model.0.weight, …) or pixel "
        "discriminator (net.0.weight, …), but found features.0.weight, features.1.weight, features.2.weight, "
        "features.3.weight, features.4.weight, features.5.weight, … (8 in all)",
    ),
    "nothing": (
        {},
        "these are not the weights of a network of the reference implementation: expected its U-Net "
        "(model.model.0.weight, …), ResNet (model.10.conv_block.1.weight, …), PatchGAN (model.0.weight, …) or pixel "
        "discriminator (net.0.weight, …), but found nothing",
    ),
    "a U-Net with attention": (
        unet_without(**{"model.attention.weight": np.zeros((2, 2, 1, 1))}),
        f"{LOOKS} a U-Net of depth 7 of the reference implementation, "
        "but no place is known for model.attention.weight",
    ),
    "a U-Net without its last layer": (
        unet_without("model.model.3.weight"),
        f"{LOOKS} a U-Net of depth 7 of the reference implementation, "
        "but it lacks model.model.3.weight",
    ),
    "a ResNet of other blocks": (
        {
            "model.1.weight": np.zeros((2, 3, 7, 7)),
            "model.10.conv_block.1.weight": np.zeros((8, 8, 3, 3)),
        },
        f"{LOOKS} a ResNet of 1 blocks of the reference implementation, but the kernels of a block are "
        "1.weight; expected two, numbered 1 and 5 or 1 and 6 or 0 and 3 or 0 and 4",
    ),
    "a perceptron": (
        {"model.0.weight": np.zeros((2, 3)), "model.2.weight": np.zeros((2, 2))},
        f"{LOOKS} a PatchGAN of 1 layers of the reference implementation, but it lacks model.5.weight, "
        "and model.0.weight, model.2.weight are no kernels",
    ),
    "a flat pixel discriminator": (
        {f"net.{place}.weight": np.zeros((2, 3)) for place in (0, 2, 5)},
        f"{LOOKS} a pixel discriminator of the reference implementation, "
        "but net.0.weight, net.2.weight, net.5.weight are no kernels",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_is_refused_with_its_names(case):
    state, message = REFUSED[case]
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        recognise(state)


def test_a_size_that_the_network_does_not_take_is_refused():
    found = recognise(below(golden("generator_unet_128_batch"), "weights"))
    assert build_network(found).input_shape == (None, 128, 128, 3)
    assert build_network(found, size=256).output_shape == (None, 256, 256, 3)
    message = "a U-Net of depth 7 needs height and width divisible by 128"
    with pytest.raises(ZooError, match=message):
        build_network(found, size=100)
    resnet = recognise(below(golden("generator_resnet_6blocks_batch"), "weights"))
    assert isinstance(build_network(resnet), keras.Model)
    assert build_network(resnet).input_shape == (None, 256, 256, 3)
