"""What metrics of pairs that a PyTorch network computes have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from zoo import MeanOverPictures, ZooError
from zoo_perceptual.features import Device, on_device, to_torch
from zoo_perceptual.libraries import imported
from zoo_perceptual.pictures import batch_of, mask_and_weights, without_holes
from zoo_perceptual.weights import named_file

# Pixels that go through a network at a time: VGG16's first feature maps of as many take 64 MB.
PIXELS = 2**18


class PairMetric(MeanOverPictures):
    """The mean over pictures of a distance from the target that a PyTorch network computes.

    Args:
        name: name in the logs.
        weights: file with the weights of the network's backbone; None for the library's own, which are downloaded.
        device: where PyTorch computes.

    Raises:
        ValueError: if there is no such file.
    """

    eager = True
    _direction = "down"

    def __init__(self, name: str, weights: str | None, device: Device) -> None:
        super().__init__(name)
        self.weights = named_file(weights)
        self.device = device
        self._network: Any = None

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> np.ndarray:
        """Return the distance of each picture from its target, (N,), float32.

        Args:
            target: targets (N, H, W, C) in [-1, 1], of 1 or 3 channels.
            translated: translated pictures of the same shape.
            mask: (N, H, W, 1), 0 in holes, where translated pictures count as their targets; None without holes.

        Raises:
            ZooError: if the pictures are too small or have other channels, or the weights cannot be had.
        """
        torch = imported("torch")
        first, second = batch_of(target, self.name), batch_of(translated, self.name)
        second = without_holes(
            first, second, None if mask is None else mask_and_weights(mask, len(first))[0]
        )
        if self._network is None:
            self._network = on_device(self.build(), self.device)
        height, width = first.shape[1:3]
        step = max(1, PIXELS // (height * width))
        distances = []
        for start in range(0, len(first), step):
            pieces = (to_torch(part[start : start + step], self.device) for part in (first, second))
            try:
                with torch.no_grad():
                    distance = self.distance(self._network, *pieces)
            except RuntimeError as error:
                reason = next(iter(str(error).splitlines()), type(error).__name__)
                raise ZooError(
                    f"{self.name} cannot compare pictures of {height} x {width}: {reason}"
                ) from error
            distances.append(distance.reshape(-1).cpu().numpy())
        return np.concatenate(distances) if distances else np.zeros(0, np.float32)

    @abstractmethod
    def build(self) -> Any:
        """Return the library's network, ready to compute distances."""

    @abstractmethod
    def distance(self, network: Any, target: Any, translated: Any) -> Any:
        """Return the distance of each picture from its target, (N,) or with further axes of length 1.

        Args:
            network: what `build` returned.
            target: PyTorch's tensor (N, 3, H, W) in [-1, 1].
            translated: the same.
        """

    def note(self, pictures: int) -> str:
        """Return how many pictures it is over."""
        return f"over {pictures:,} pictures"
