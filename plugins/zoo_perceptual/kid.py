"""The kernel inception distance."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import keras
from pydantic import Field

from zoo_perceptual.features import Device, FeatureChoice
from zoo_perceptual.libraries import imported
from zoo_perceptual.sets import SetMetric


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class KID(SetMetric):
    """Kernel inception distance: the squared maximum mean discrepancy of two sets' features; 0 is perfect.

    By torch-fidelity, unbiased, with the kernel (x·y / D + 1)³ of InceptionV3's D features. Its expectation does not
    depend on how many pictures there are; for sets that are alike it may be slightly below 0.
    Source: https://arxiv.org/abs/1801.01401.

    Args:
        name: name in the logs.
        layer: InceptionV3's layer, by its number of features; papers use 2048.
        weights: file with its weights, `weights-inception-2015-12-05-6726825d.pth`; downloaded if none is named.
        features: an extractor in InceptionV3's place: a `.keras` file, or `package.module:function`.
        device: where PyTorch computes.
        subsets: random subsets that the figure is the mean over, always the same.
        subset_size: pictures in each; of smaller sets all are taken, once.

    Raises:
        ValueError: if a file is not there, or both `weights` and `features` are given.
    """

    _direction = "down"
    label = "KID"

    def __init__(
        self,
        name: str = "kid",
        layer: Literal[64, 192, 768, 2048] = 2048,
        weights: str | None = None,
        features: str | None = None,
        device: Device = "cpu",
        subsets: Annotated[int, Field(ge=1)] = 100,
        subset_size: Annotated[int, Field(ge=2)] = 1000,
    ) -> None:
        super().__init__(name, FeatureChoice("inception", str(layer), weights, features, device), 2)
        self.subsets = subsets
        self.subset_size = subset_size

    def compare(self, target: Any, translated: Any) -> float:
        """Return the distance of two sets of features, each (N, D)."""
        library, torch = imported("torch_fidelity.metric_kid"), imported("torch")
        size = min(self.subset_size, len(target), len(translated))
        # A subset that is all of both sets is the same each time.
        whole = size == len(target) == len(translated)
        figures = library.kid_features_to_metric(
            torch.from_numpy(translated),
            torch.from_numpy(target),
            kid_subsets=1 if whole else self.subsets,
            kid_subset_size=size,
            verbose=False,
        )
        return float(figures[library.KEY_METRIC_KID_MEAN])

    def note(self, pictures: int) -> str:
        """Return how many pictures it is over, and in which subsets."""
        if pictures < self.least or pictures <= self.subset_size:
            return self.counted(pictures)
        return (
            f"{self.counted(pictures)}; the mean of {self.subsets} subsets of {self.subset_size:,}"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {"subsets": self.subsets, "subset_size": self.subset_size}
        return {**super().get_config(), "layer": int(self.choice.layer), **own}
