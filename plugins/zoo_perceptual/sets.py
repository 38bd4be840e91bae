"""What metrics of two sets of pictures have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import keras
import numpy as np

from zoo.pictures import to_uint8
from zoo_perceptual.features import FeatureChoice, extractor
from zoo_perceptual.pictures import batch_of, mask_and_weights, without_holes


class SetMetric(keras.metrics.Metric, ABC):
    """A figure of two sets of pictures by their features; which picture belongs to which does not matter.

    Pictures are rounded to 8 bits, as in files. Their features are kept until `reset_state`, the pictures are not.

    Args:
        name: name in the logs.
        choice: what the pictures are compared by.
        least: number of pictures of each set below which there is no figure.
    """

    label = ""
    unit = ""
    eager = True
    paired = False

    def __init__(self, name: str, choice: FeatureChoice, least: int) -> None:
        super().__init__(name=name, dtype="float32")
        self.choice = choice
        self.least = least
        self._features = _Features()

    def update_state(self, target: Any, translated: Any, sample_weight: Any = None) -> None:
        """Add batches of pictures (N, H, W, C) in [-1, 1], of 1 or 3 channels.

        Args:
            target: targets; for unpaired data as many as there are.
            translated: what the network made of sources.
            sample_weight: for pairs, a weight a picture (N,), those of weight 0 being left out; or a mask
                (N, H, W, 1) that is 0 where the target has no value, and where translated pictures then count as their
                targets.

        Raises:
            ZooError: if pictures have other channels, or the features cannot be had.
        """
        first, second = batch_of(target, self.name), batch_of(translated, self.name)
        if sample_weight is not None:
            mask, weights = mask_and_weights(sample_weight, len(first))
            second = without_holes(first, second, mask)
            first, second = first[weights > 0], second[weights > 0]
        for pictures, rows in ((first, self._features.target), (second, self._features.translated)):
            if len(pictures):
                rows.append(self._extract(pictures))
        self._features.figure = None

    def result(self) -> float:
        """Return the figure; NaN where there are fewer pictures than it needs, or pictures with NaN."""
        if self._features.figure is None:
            self._features.figure = self._figure()
        return self._features.figure

    def reset_state(self) -> None:
        """Forget the features."""
        self._features = _Features()

    @abstractmethod
    def compare(self, target: np.ndarray, translated: np.ndarray) -> float:
        """Return the figure of two sets of features, each (N, D), float32."""

    @abstractmethod
    def note(self, pictures: int) -> str:
        """Return what is to stand beside the figure.

        Args:
            pictures: how many of each set it is over.
        """

    def counted(self, pictures: int) -> str:
        """Return how many pictures the figure is over, and by what if not by what papers use."""
        if pictures < self.least:
            return f"over {pictures} pictures, but it needs at least {self.least}"
        return f"over {pictures:,} pictures{self.choice.told}"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that all such metrics have."""
        choice = self.choice
        given = {"weights": choice.weights, "features": choice.features, "device": choice.device}
        return {"name": self.name, **given}

    def _extract(self, pictures: np.ndarray) -> np.ndarray:
        finite = np.isfinite(pictures).all(axis=(1, 2, 3))
        features = extractor(self.choice)(to_uint8(np.where(np.isfinite(pictures), pictures, 0)))
        return features if finite.all() else np.where(finite[:, None], features, np.nan)

    def _figure(self) -> float:
        sets = self._features.target, self._features.translated
        if any(sum(map(len, rows)) < self.least for rows in sets):
            return math.nan
        target, translated = (np.concatenate(rows) for rows in sets)
        if np.isnan(target).any() or np.isnan(translated).any():
            return math.nan
        return self.compare(target, translated)


class _Features:
    """Features of both sets, and the figure if it is known; apart from the metric, where Keras tracks lists."""

    def __init__(self) -> None:
        self.target: list[np.ndarray] = []
        self.translated: list[np.ndarray] = []
        self.figure: float | None = None
