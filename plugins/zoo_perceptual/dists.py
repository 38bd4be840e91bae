"""Deep image structure and texture similarity."""

from __future__ import annotations

from typing import Any

import keras

from zoo_perceptual.features import Device
from zoo_perceptual.libraries import imported
from zoo_perceptual.pairs import PairMetric
from zoo_perceptual.weights import in_cache_as, loaded, weight_file


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class DISTS(PairMetric):
    """Deep image structure and texture similarity, as a distance; 0 is equal.

    It is lenient where one texture replaces another. By torchmetrics, whose weights of structure and texture are those
    of the paper. Pictures are neither resized nor rounded. Source: https://arxiv.org/abs/2004.07728.

    Args:
        name: name in the logs.
        weights: file with VGG16's weights, `vgg16-397923af.pth`; downloaded if none is named.
        device: where PyTorch computes.

    Raises:
        ValueError: if there is no such file.
    """

    label = "DISTS"

    def __init__(
        self, name: str = "dists", weights: str | None = None, device: Device = "cpu"
    ) -> None:
        super().__init__(name, weights, device)

    def build(self) -> Any:
        """Return torchmetrics' network."""
        library = imported("torchmetrics.functional.image.dists")
        address = imported("torchvision.models").VGG16_Weights.DEFAULT.url
        file = weight_file("VGG16", address, self.weights)
        with in_cache_as(file, address):
            return loaded("VGG16", file, library.DISTSNetwork)

    def distance(self, network: Any, target: Any, translated: Any) -> Any:
        """Return the distance of each picture from its target, (N,)."""
        return network((translated + 1) / 2, (target + 1) / 2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name, "weights": self.weights, "device": self.device}
