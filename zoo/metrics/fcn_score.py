"""The FCN score: what a segmentation network recognises in translated pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from zoo.errors import ZooError
from zoo.metrics.labels import OverClasses, class_accuracy, class_counts, mean_iou, pixel_accuracy

FIGURES = {
    "pixel_accuracy": pixel_accuracy,
    "class_accuracy": class_accuracy,
    "iou": mean_iou,
}
TITLES = {"pixel_accuracy": "pixel accuracy", "class_accuracy": "class accuracy", "iou": "mean IoU"}


@keras.saving.register_keras_serializable(package="zoo", name="FCNScore")
class FCNScore(OverClasses):
    """How well a segmentation network finds the labels in pictures that were painted from them.

    A network that was trained on real pictures labels the translated ones; where they look real, it finds what the
    label map says. The pix2pix paper (arXiv:1611.07004, section 4.1) uses an FCN-8s on Cityscapes so. The figure says
    as much of that network as of the translation: compare it only between runs that were judged by the same network,
    and with what the network finds in the real targets, the baseline `target`.

    Args:
        network: a `.keras` file, or the folder of a TensorFlow SavedModel: pictures (N, H, W, C) to logits (N, h, w,
            classes), which are resized to the pictures' size.
        labels: what is right: the label maps that are the `source`, or the classes that the network finds in the
            `target`, where sources have no classes.
        figure: `pixel_accuracy`, `class_accuracy` or `iou`.
        low: what the network wants where pictures are -1, such as 0.
        high: what it wants where they are 1, such as 255.
        name: name in the logs; None is `fcn_score`.
    """

    default_name = "fcn_score"
    eager = True
    takes_source = True
    of_classes = False

    def __init__(
        self,
        network: str,
        labels: Literal["source", "target"] = "source",
        figure: Literal["pixel_accuracy", "class_accuracy", "iou"] = "iou",
        low: float = -1.0,
        high: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.path = network
        self.labels = labels
        self.kind = figure
        self.range = (low, high)
        self.label = f"FCN score, {TITLES[figure]}"

    def counts(self, target: Any, translated: Any, mask: Any = None, source: Any = None) -> Any:
        """Return the pixels of each class in each picture, (N, 3, C); see `OverClasses.counts`.

        Args:
            target: pictures (N, H, W, C) in [-1, 1].
            translated: what was painted.
            mask: of the target, or None.
            source: label maps (N, H, W, classes), with `labels="source"`.

        Raises:
            ZooError: if the network cannot be used, or has other classes than the label maps.
        """
        found = self._logits(translated)
        count = found.shape[-1]
        if self.labels == "target":
            real = ops.argmax(self._logits(target), axis=-1)
            truth = ops.one_hot(real, count, dtype="float32") * 2.0 - 1.0
        elif source.shape[-1] == count:
            truth = source
        else:
            raise ZooError(
                f"the network {self.path} tells {count} classes, but the sources have {source.shape[-1]} channels; "
                "expected label maps of the same classes (dataset.source_format.classes), or labels: target"
            )
        return class_counts(truth, ops.argmax(found, axis=-1), mask)

    def figure(self, counts: Any) -> Any:
        """Return the figure of counts (…, 3, C), (…)."""
        return FIGURES[self.kind](counts)

    def note(self, pictures: int) -> str:
        """Return whose labels were compared."""
        del pictures
        right = "the label maps" if self.labels == "source" else "what it finds in the targets"
        return f"by {Path(self.path).name}, against {right}; compare it only with figures by the same network"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {
            **super().get_config(),
            "network": self.path,
            "labels": self.labels,
            "figure": self.kind,
            "low": self.range[0],
            "high": self.range[1],
        }

    def _logits(self, pictures: np.ndarray) -> Any:
        """Return the logits of a batch of pictures, at their size."""
        low, high = self.range
        scaled = (np.asarray(pictures, np.float32) + 1) * ((high - low) / 2) + low
        answer = self._network(scaled)
        if isinstance(answer, dict) and len(answer) == 1:
            (answer,) = answer.values()
        if getattr(answer, "ndim", 0) != 4 or answer.shape[-1] < 2:
            told = getattr(answer, "shape", type(answer).__name__)
            raise ZooError(
                f"the network {self.path} answers {told} to pictures of {pictures.shape}; expected logits "
                "(N, h, w, classes)"
            )
        size = pictures.shape[1:3]
        if tuple(answer.shape[1:3]) != size:
            answer = ops.image.resize(
                answer, size, interpolation="bilinear", data_format="channels_last"
            )
        return answer

    @cached_property
    def _network(self) -> Callable[[np.ndarray], Any]:
        path = Path(self.path).expanduser()
        if not path.exists():
            raise ZooError(f"the segmentation network {path} does not exist")
        try:
            if path.is_file():
                network: Any = keras.models.load_model(path, compile=False)
            elif keras.backend.backend() == "torch":
                raise ZooError(
                    f"the SavedModel {path} cannot be used with KERAS_BACKEND=torch; give a .keras file"
                )
            else:
                network = keras.layers.TFSMLayer(str(path), call_endpoint="serving_default")
        except (OSError, ValueError, TypeError, KeyError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ZooError(f"the segmentation network {path} cannot be loaded: {reason}") from error
        ask: Callable[[np.ndarray], Any] = (
            network.predict_on_batch if isinstance(network, keras.Model) else network
        )
        return ask
