"""Our networks against the reference implementation's, from its weights."""

import numpy as np
import pytest
from keras import ops
from reference import below, golden, load_reference, pictures

from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet


def network_for(name, norm):
    if name == "basic":
        return patchgan((128, 128, 6), filters=2, norm=norm)
    size = int(name.removeprefix("unet_"))
    depth = size.bit_length() - 1
    return unet((size, size, 3), 3, depth=depth, filters=2, norm=norm, dropout=0)


@pytest.mark.parametrize("norm", ["batch", "instance"])
@pytest.mark.parametrize("name", ["unet_128", "unet_256", "basic"])
def test_outputs_equal_the_reference(name, norm):
    kind = "discriminator" if name == "basic" else "generator"
    arrays = golden(f"{kind}_{name}_{norm}")
    network = network_for(name, norm)
    load_reference(network, below(arrays, "weights"))
    source = pictures(arrays["input"])
    stride = int(arrays["output_stride"])

    # Inference first: a call in training moves the running statistics.
    for mode, training in (("inference", False), ("training", True)):
        output = ops.convert_to_numpy(network(source, training=training))
        expected = pictures(arrays[f"output_{mode}"])
        np.testing.assert_allclose(output[:, ::stride, ::stride], expected, rtol=0, atol=1e-4)
