"""Which module of the reference implementation is which of our layers."""

from __future__ import annotations

from collections.abc import Sequence

# (our layer, the reference's module) for every layer that may have weights. Modules are numbered by their places in
# nested sequences, in which activations, padding and dropout count too.
Layers = list[tuple[str, str]]


def unet_layers(depth: int) -> Layers:
    """Return the layers of a U-Net, whose levels are nested; dropout stands last in each and shifts none.

    Args:
        depth: number of levels.
    """
    layers = [("down1_conv", "model.model.0"), ("up1_conv", "model.model.3")]
    block = "model.model.1.model"
    for level in range(2, depth + 1):
        innermost = level == depth
        layers.append((f"down{level}_conv", f"{block}.1"))
        if not innermost:
            layers.append((f"down{level}_norm", f"{block}.2"))
        # The next level stands between the way down and the way up.
        layers += _normalized(f"up{level}", f"{block}.{3 if innermost else 5}")
        block = f"{block}.3.model"
    return layers


def resnet_layers(blocks: int, places: Sequence[int]) -> Layers:
    """Return the layers of a ResNet.

    Args:
        blocks: number of residual blocks.
        places: where a block's two convolutions stand in it.
    """
    layers = [
        *_normalized("first", "model.1"),
        *_normalized("down1", "model.4"),
        *_normalized("down2", "model.7"),
    ]
    for block in range(1, blocks + 1):
        for number, place in enumerate(places, start=1):
            module = f"model.{9 + block}.conv_block"
            layers += [
                (f"block{block}_conv{number}", f"{module}.{place}"),
                (f"block{block}_norm{number}", f"{module}.{place + 1}"),
            ]
    after = 10 + blocks
    return [
        *layers,
        *_normalized("up2", f"model.{after}"),
        *_normalized("up1", f"model.{after + 3}"),
        ("last_conv", f"model.{after + 7}"),
    ]


def patchgan_layers(layers: int) -> Layers:
    """Return the layers of a PatchGAN.

    Args:
        layers: layers that halve the picture.
    """
    found = [("layer1_conv", "model.0")]
    for layer in range(2, layers + 2):
        found += _normalized(f"layer{layer}", f"model.{3 * layer - 4}")
    return [*found, (f"layer{layers + 2}_conv", f"model.{3 * layers + 2}")]


def pixelgan_layers() -> Layers:
    """Return the layers of a pixel discriminator."""
    return [("layer1_conv", "net.0"), *_normalized("layer2", "net.2"), ("layer3_conv", "net.5")]


def _normalized(name: str, convolution: str) -> Layers:
    """A convolution and the normalisation that follows it."""
    within, _, place = convolution.rpartition(".")
    return [(f"{name}_conv", convolution), (f"{name}_norm", f"{within}.{int(place) + 1}")]
