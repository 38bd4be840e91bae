"""The Fréchet inception distance."""

from __future__ import annotations

from typing import Any, Literal

import keras
import numpy as np

from zoo import ZooError
from zoo_perceptual.features import Device, FeatureChoice
from zoo_perceptual.libraries import imported
from zoo_perceptual.sets import SetMetric

# Below as many pictures KID is the better figure.
FEW = 2000


@keras.saving.register_keras_serializable(package="zoo_perceptual")
class FID(SetMetric):
    """Fréchet inception distance: how far apart two sets' features lie, as Gaussians; 0 is perfect.

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½) of the means and covariances of InceptionV3's features, by torch-fidelity,
    with the weights and the resizing of the first implementation. It grows as sets become smaller: compare only figures
    over equally many pictures. Source: https://arxiv.org/abs/1706.08500.

    Args:
        name: name in the logs.
        layer: InceptionV3's layer, by its number of features; papers use 2048.
        weights: file with its weights, `weights-inception-2015-12-05-6726825d.pth`; downloaded if none is named.
        features: an extractor in InceptionV3's place: a `.keras` file, or `package.module:function`.
        device: where PyTorch computes.

    Raises:
        ValueError: if a file is not there, or both `weights` and `features` are given.
    """

    _direction = "down"
    label = "FID"

    def __init__(
        self,
        name: str = "fid",
        layer: Literal[64, 192, 768, 2048] = 2048,
        weights: str | None = None,
        features: str | None = None,
        device: Device = "cpu",
    ) -> None:
        super().__init__(name, FeatureChoice("inception", str(layer), weights, features, device), 2)

    def compare(self, target: Any, translated: Any) -> float:
        """Return the distance of two sets of features, each (N, D)."""
        if target.shape[1] < 2:
            raise ZooError(
                f"{self.name} needs two features of a picture at least; {self.choice.features} gives one"
            )
        library, torch = imported("torch_fidelity.metric_fid"), imported("torch")
        statistics = [
            library.fid_features_to_statistics(torch.from_numpy(features))
            for features in _on_fewer_axes(translated, target)
        ]
        figure = library.fid_statistics_to_metric(*statistics, verbose=False)
        return float(figure[library.KEY_METRIC_FID])

    def note(self, pictures: int) -> str:
        """Return how many pictures it is over, and what to prefer where they are few."""
        if self.least <= pictures < FEW:
            return f"{self.counted(pictures)}; of so few it comes out too high, and KID tells more"
        return self.counted(pictures)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "layer": int(self.choice.layer)}


def _on_fewer_axes(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return features on axes that both sets span, which changes no distance.

    The eigenvalues of 2048 x 2048 numbers take many seconds; those of few pictures are as many as the pictures.
    """
    count = len(first) + len(second)
    if count >= first.shape[1]:
        return first, second
    axes, _ = np.linalg.qr(np.concatenate([first, second]).T.astype(np.float64))
    return first @ axes, second @ axes
