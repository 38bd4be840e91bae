"""Precision and recall of generated pictures."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from pydantic import Field

from zoo_perceptual.features import Device, FeatureChoice
from zoo_perceptual.libraries import imported
from zoo_perceptual.sets import SetMetric

NEIGHBOURS = 3
Neighbours = Annotated[int, Field(ge=1)]


class NeighbourMetric(SetMetric):
    """A share of pictures that lie among those of the other set, by the features of VGG16 or of the user's.

    Args:
        name: name in the logs.
        weights: as of `Precision`.
        features: as of `Precision`.
        device: as of `Precision`.
        neighbours: as of `Precision`.
    """

    _direction = "up"

    def __init__(
        self,
        name: str,
        weights: str | None,
        features: str | None,
        device: Device,
        neighbours: int,
    ) -> None:
        choice = FeatureChoice("vgg16", "fc2_relu", weights, features, device)
        super().__init__(name, choice, neighbours + 1)
        self.neighbours = neighbours

    def note(self, pictures: int) -> str:
        """Return how many pictures it is over."""
        return self.counted(pictures)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "neighbours": self.neighbours}

    def shares(self, target: Any, translated: Any) -> tuple[float, float]:
        """Return precision and recall of two sets of features, each (N, D)."""
        library, torch = imported("torch_fidelity.metric_prc"), imported("torch")
        figures = library.prc_features_to_metric(
            torch.from_numpy(translated),
            torch.from_numpy(target),
            prc_neighborhood=self.neighbours,
            save_cpu_ram=True,
            verbose=False,
        )
        return figures[library.KEY_METRIC_PRECISION], figures[library.KEY_METRIC_RECALL]


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class Precision(NeighbourMetric):
    """Share of translated pictures that lie among the targets: fidelity; 1 is perfect.

    A picture lies among others if it is no farther from one of them than that one's k-th neighbour, in the space of
    VGG16's last hidden features. By torch-fidelity. Source: https://arxiv.org/abs/1904.06991.

    Args:
        name: name in the logs.
        weights: file with VGG16's weights, `vgg16-397923af.pth`; downloaded if none is named.
        features: an extractor in VGG16's place: a `.keras` file, or `package.module:function`.
        device: where PyTorch computes.
        neighbours: which nearest neighbour, the k-th, bounds a picture's reach.

    Raises:
        ValueError: if a file is not there, or both `weights` and `features` are given.
    """

    label = "precision"

    def __init__(
        self,
        name: str = "precision",
        weights: str | None = None,
        features: str | None = None,
        device: Device = "cpu",
        neighbours: Neighbours = NEIGHBOURS,
    ) -> None:
        super().__init__(name, weights, features, device, neighbours)

    def compare(self, target: Any, translated: Any) -> float:
        """Return the share of two sets of features, each (N, D)."""
        return self.shares(target, translated)[0]


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class Recall(NeighbourMetric):
    """Share of targets that lie among the translated pictures: variety; 1 is perfect.

    See `precision`. Source: https://arxiv.org/abs/1904.06991.

    Args:
        name: name in the logs.
        weights: file with VGG16's weights, `vgg16-397923af.pth`; downloaded if none is named.
        features: an extractor in VGG16's place: a `.keras` file, or `package.module:function`.
        device: where PyTorch computes.
        neighbours: which nearest neighbour, the k-th, bounds a picture's reach.

    Raises:
        ValueError: if a file is not there, or both `weights` and `features` are given.
    """

    label = "recall"

    def __init__(
        self,
        name: str = "recall",
        weights: str | None = None,
        features: str | None = None,
        device: Device = "cpu",
        neighbours: Neighbours = NEIGHBOURS,
    ) -> None:
        super().__init__(name, weights, features, device, neighbours)

    def compare(self, target: Any, translated: Any) -> float:
        """Return the share of two sets of features, each (N, D)."""
        return self.shares(target, translated)[1]
