"""Our networks against the reference implementation's, from its weights."""

import pytest
from reference import network_errors, network_files


def test_every_network_has_its_files():
    generators = ["resnet_6blocks", "resnet_9blocks", "unet_128", "unet_256"]
    discriminators = ["basic", "n_layers_5", "pixel"]
    assert network_files() == [
        f"{kind}_{name}_{norm}"
        for kind, names in (("discriminator", discriminators), ("generator", generators))
        for name in names
        for norm in ("batch", "instance")
    ]


@pytest.mark.parametrize("name", network_files())
def test_outputs_equal_the_reference(name):
    errors = network_errors(name)
    assert list(errors) == ["inference", "training"]
    assert all(error < 1e-4 for error in errors.values()), errors
