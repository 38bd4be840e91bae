"""Networks of images, and what they are built of; plugins import from here."""

from zoo.networks.blocks import (
    Normalization,
    Padding,
    Upsampling,
    biased,
    convolution,
    drop,
    normalize,
    upsample,
)
from zoo.networks.features import feature_network, offer_features, offered_features
from zoo.networks.initial import Initial
from zoo.networks.multiscale_patchgan import multiscale_patchgan
from zoo.networks.patchgan import patchgan
from zoo.networks.pixelgan import pixelgan
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet

__all__ = [
    "Initial",
    "Normalization",
    "Padding",
    "Upsampling",
    "biased",
    "convolution",
    "drop",
    "feature_network",
    "multiscale_patchgan",
    "normalize",
    "offer_features",
    "offered_features",
    "patchgan",
    "pixelgan",
    "resnet",
    "unet",
    "upsample",
]
