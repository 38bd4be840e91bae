"""Metrics of label maps: how many pixels get the class that they have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import keras
from keras import ops

from zoo.errors import ZooError
from zoo.metrics.mean import mask_of

# Label maps of files have no more.
MOST_CLASSES = 255


class OverClasses(keras.metrics.Metric, ABC):
    """A figure of the classes of all pixels of all pictures together, not a mean over pictures.

    Targets have a channel a class: 1 for the class of a pixel, -1 for all others; a pixel that is -1 in all has no
    class and does not count. The class of a translated pixel is its largest channel.

    Attributes of the class are those of `zoo.MeanOverPictures`; `of_classes` says that the targets are label maps.

    Args:
        name: name in the logs; None is that of the class.
    """

    _direction = "up"
    default_name = "classes"
    label = ""
    unit = ""
    eager = False
    paired = True
    of_classes = True

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name or self.default_name, dtype="float32")
        self.totals = self.add_variable((3, MOST_CLASSES), initializer="zeros", name="totals")

    def counts(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the pixels of each class in each picture, (N, 3, C), float32.

        Args:
            target: label maps (N, H, W, C) in [-1, 1].
            translated: pictures of the same shape.
            mask: (N, H, W, 1), 0 where the target has no value; None where there is no hole.

        Returns:
            Those that are of a class in both, in the target, and in the translated picture.

        Raises:
            ZooError: if there are too few channels, or too many, to be classes.
        """
        return class_counts(target, ops.argmax(translated, axis=-1), mask)

    @abstractmethod
    def figure(self, counts: Any) -> Any:
        """Return the figure of counts (…, 3, C), (…)."""

    def per_picture(self, target: Any, translated: Any, mask: Any = None) -> Any:
        """Return the figure of each picture by itself, (N,); see `counts`."""
        return self.figure(self.counts(target, translated, mask))

    def update_state(
        self, target: Any, translated: Any, sample_weight: Any = None, **others: Any
    ) -> None:
        """Add a batch of pictures (N, H, W, C).

        Args:
            target: label maps.
            translated: what the network made of their sources.
            sample_weight: a mask (N, H, W, 1) that is 0 where the target has no value.
            others: of `counts`, if it takes any.
        """
        counts = ops.sum(self.counts(target, translated, mask_of(sample_weight), **others), axis=0)
        missing = MOST_CLASSES - counts.shape[-1]
        self.totals.assign_add(ops.pad(counts, [[0, 0], [0, missing]]))

    def result(self) -> Any:
        """Return the figure of all pixels so far."""
        return self.figure(self.totals.value)

    def reset_state(self) -> None:
        """Forget all pixels."""
        self.totals.assign(ops.zeros(self.totals.shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="zoo", name="PixelAccuracy")
class PixelAccuracy(OverClasses):
    """The share of pixels that get the class that they have; 1 is perfect. A rare class hardly counts."""

    default_name = "pixel_accuracy"
    label = "pixel accuracy"

    def figure(self, counts: Any) -> Any:
        """Return the share of pixels of counts (…, 3, C), (…)."""
        return pixel_accuracy(counts)


@keras.saving.register_keras_serializable(package="zoo", name="ClassAccuracy")
class ClassAccuracy(OverClasses):
    """The share of each class's pixels that get it, its mean over the classes of the targets; 1 is perfect."""

    default_name = "class_accuracy"
    label = "class accuracy"

    def figure(self, counts: Any) -> Any:
        """Return the mean share of counts (…, 3, C), (…)."""
        return class_accuracy(counts)


@keras.saving.register_keras_serializable(package="zoo", name="MeanIoU")
class MeanIoU(OverClasses):
    """Intersection over union of each class's pixels, its mean over the classes present; 1 is perfect.

    A class is present if a pixel of the targets or of the translated pictures is of it.
    """

    default_name = "iou"
    label = "mean IoU"

    def figure(self, counts: Any) -> Any:
        """Return the mean over classes of counts (…, 3, C), (…)."""
        return mean_iou(counts)


def class_counts(target: Any, classes: Any, mask: Any = None) -> Any:
    """Return the pixels of each class in each picture, (N, 3, C); see `OverClasses.counts`.

    Args:
        target: label maps (N, H, W, C) in [-1, 1].
        classes: whole numbers below C (N, H, W), of what is compared with them.
        mask: (N, H, W, 1), or None.
    """
    count = target.shape[-1]
    if not 1 < count <= MOST_CLASSES:
        raise ZooError(
            f"classes are compared in label maps of 2 to {MOST_CLASSES} channels, but the pictures have {count}; "
            "set the format's classes in the recipe, or leave the metric out"
        )
    target = ops.convert_to_tensor(target)
    valid = ops.cast(ops.max(target, axis=-1, keepdims=True) > 0, "float32")
    if mask is not None:
        valid = valid * ops.cast(ops.convert_to_tensor(mask) > 0, "float32")
    truth = ops.one_hot(ops.argmax(target, axis=-1), count, dtype="float32") * valid
    found = ops.one_hot(classes, count, dtype="float32") * valid
    return ops.stack([ops.sum(part, axis=(1, 2)) for part in (truth * found, truth, found)], axis=1)


def pixel_accuracy(counts: Any) -> Any:
    """Return the share of pixels that get their class, (…), of counts (…, 3, C)."""
    hits, truth, _ = _parts(counts)
    return ops.sum(hits, axis=-1) / ops.maximum(ops.sum(truth, axis=-1), 1.0)


def class_accuracy(counts: Any) -> Any:
    """Return the mean of that share over the classes that there are, (…), of counts (…, 3, C)."""
    hits, truth, _ = _parts(counts)
    return _mean_where_any(hits, truth)


def mean_iou(counts: Any) -> Any:
    """Return the mean intersection over union of the classes present, (…), of counts (…, 3, C)."""
    hits, truth, found = _parts(counts)
    return _mean_where_any(hits, truth + found - hits)


def _parts(counts: Any) -> tuple[Any, Any, Any]:
    counts = ops.cast(counts, "float32")
    return counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]


def _mean_where_any(part: Any, whole: Any) -> Any:
    """Return the mean of part / whole over the last axis, of those whose whole is not zero."""
    present = ops.cast(whole > 0, "float32")
    shares = part / ops.maximum(whole, 1.0)
    return ops.sum(shares * present, axis=-1) / ops.maximum(ops.sum(present, axis=-1), 1.0)
