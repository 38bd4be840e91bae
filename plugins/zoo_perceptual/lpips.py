"""Learned perceptual image patch similarity."""

from __future__ import annotations

from typing import Any, Literal

import keras

from zoo_perceptual.features import Device
from zoo_perceptual.libraries import imported
from zoo_perceptual.pairs import PairMetric
from zoo_perceptual.weights import in_cache_as, loaded, weight_file

# By the library's name: torchvision's network and its weights.
BACKBONES = {
    "alex": ("AlexNet", "AlexNet_Weights"),
    "vgg": ("VGG16", "VGG16_Weights"),
    "squeeze": ("SqueezeNet 1.1", "SqueezeNet1_1_Weights"),
}


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class LPIPS(PairMetric):
    """Learned perceptual image patch similarity: a weighed distance of a network's features; 0 is equal.

    By torchmetrics, whose weights of the features are those of the paper (version 0.1). Pictures are neither resized
    nor rounded. Source: https://arxiv.org/abs/1801.03924.

    Args:
        name: name in the logs.
        net: the backbone; `alex` is what most figures are of.
        weights: file with the backbone's weights, as torchvision has them; downloaded if none is named.
        device: where PyTorch computes.

    Raises:
        ValueError: if there is no such file.
    """

    label = "LPIPS"

    def __init__(
        self,
        name: str = "lpips",
        net: Literal["alex", "vgg", "squeeze"] = "alex",
        weights: str | None = None,
        device: Device = "cpu",
    ) -> None:
        super().__init__(name, weights, device)
        self.net = net

    def build(self) -> Any:
        """Return torchmetrics' network."""
        library = imported("torchmetrics.image.lpip")
        title, weights = BACKBONES[self.net]
        address = getattr(imported("torchvision.models"), weights).DEFAULT.url
        file = weight_file(title, address, self.weights)
        with in_cache_as(file, address):
            kind = library.LearnedPerceptualImagePatchSimilarity
            return loaded(title, file, lambda: kind(net_type=self.net).net)

    def distance(self, network: Any, target: Any, translated: Any) -> Any:
        """Return the distance of each picture from its target, (N, 1, 1, 1)."""
        return network(translated, target)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {
            "name": self.name,
            "net": self.net,
            "weights": self.weights,
            "device": self.device,
        }
