"""The networks that checkpoints are compared with compute what the reference computed: its arrays hold them."""

import numpy as np
import pytest
from reference import below, golden, network_files, pictures

# By the name of the file without its norm: the class in `originals`, and its arguments around the norm.
MADE = {
    "generator_unet_128": ("UNet", (3, 3, 7, 2), (False,)),
    "generator_unet_256": ("UNet", (3, 3, 8, 2), (False,)),
    "generator_resnet_6blocks": ("ResNet", (3, 3, 6, 3), (False, "reflect")),
    "generator_resnet_9blocks": ("ResNet", (3, 3, 9, 3), (False, "reflect")),
    "discriminator_basic": ("PatchGAN", (6, 3, 2), ()),
    "discriminator_n_layers_5": ("PatchGAN", (6, 5, 2), ()),
    "discriminator_pixel": ("PixelGAN", (6, 4), ()),
}


@pytest.mark.parametrize("name", network_files())
def test_an_original_computes_what_the_reference_did(name):
    torch = pytest.importorskip("torch")
    import originals

    arrays = golden(name)
    base, _, norm = name.rpartition("_")
    architecture, before, after = MADE[base]
    network = getattr(originals, architecture)(*before, norm, *after)
    weights = {
        key: torch.from_numpy(value.copy()) for key, value in below(arrays, "weights").items()
    }
    network.load_state_dict(weights)
    source = torch.from_numpy(arrays["input"].astype("float32"))
    stride = int(arrays["output_stride"])
    # Inference first: a call in training moves the running statistics.
    for phase, training in (("inference", False), ("training", True)):
        with torch.no_grad():
            output = network.train(training)(source)[:, :, ::stride, ::stride].numpy()
        expected = np.moveaxis(pictures(arrays[f"output_{phase}"]), -1, 1)
        np.testing.assert_allclose(output, expected, rtol=0, atol=1e-4)
