"""Accuracies and IoU of label maps: closed forms, Keras's own, pixels of no class and holes."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.metrics.labels import ClassAccuracy, MeanIoU, PixelAccuracy

KINDS = (PixelAccuracy, ClassAccuracy, MeanIoU)


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Label maps as networks see them; 255 is no class."""
    return np.where(labels[..., None] == np.arange(classes), 1, -1).astype("float32")


def figures(target: np.ndarray, translated: np.ndarray, mask: np.ndarray | None = None):
    found = []
    for kind in KINDS:
        metric = kind()
        metric.update_state(target, translated, sample_weight=mask)
        found.append(float(metric.result()))
    return found


def test_closed_forms() -> None:
    # Classes 0, 1 and 2 have 4, 2 and 2 pixels, of which 3, 2 and 0 are found; one of them as 1, two as 0.
    target = np.array([[[0, 0, 0, 0], [1, 1, 2, 2]]])
    translated = np.array([[[0, 0, 0, 1], [1, 1, 0, 0]]])
    pixel, each, iou = figures(one_hot(target, 4), one_hot(translated, 4) * 0.3)
    assert pixel == pytest.approx(5 / 8)
    assert each == pytest.approx((3 / 4 + 1 + 0) / 3)
    # Class 3 is in neither and does not count.
    assert iou == pytest.approx((3 / 6 + 2 / 3 + 0) / 3)


def test_the_figure_is_of_all_pixels_and_not_a_mean_over_pictures() -> None:
    target = np.stack([np.zeros((4, 4), int), np.eye(4, dtype=int)])
    translated = np.zeros((2, 4, 4), int)
    metric = MeanIoU()
    for index in range(2):
        metric.update_state(
            one_hot(target[index : index + 1], 2), one_hot(translated[index : index + 1], 2)
        )
    assert float(metric.result()) == pytest.approx((28 / 32 + 0) / 2)
    each = keras.ops.convert_to_numpy(
        metric.per_picture(one_hot(target, 2), one_hot(translated, 2))
    )
    np.testing.assert_allclose(each, [1, (12 / 16 + 0) / 2])
    metric.reset_state()
    assert float(metric.result()) == 0


# Keras's own metric asks JAX for 64 bits.
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning")
def test_iou_equals_keras() -> None:
    random = np.random.default_rng(0)
    target, translated = random.integers(0, 7, (2, 3, 16, 16), dtype="int32")
    other = keras.metrics.MeanIoU(8)
    other.update_state(target, translated)
    assert figures(one_hot(target, 8), one_hot(translated, 8))[2] == pytest.approx(
        float(other.result()), abs=1e-6
    )


def test_pixels_of_no_class_and_holes_do_not_count() -> None:
    target = np.array([[[0, 0, 255, 1]]])
    translated = np.array([[[0, 1, 1, 1]]])
    mask = np.array([[[[1], [0], [1], [1]]]], "float32")
    assert figures(one_hot(target, 2), one_hot(translated, 2)) == pytest.approx(
        [2 / 3, 3 / 4, (1 / 2 + 1 / 2) / 2]
    )
    assert figures(one_hot(target, 2), one_hot(translated, 2), mask) == pytest.approx([1, 1, 1])


def test_pictures_without_classes_are_refused() -> None:
    message = (
        "classes are compared in label maps of 2 to 255 channels, but the pictures have 1; set the format's classes in "
        "the recipe, or leave the metric out"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        figures(np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4, 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_it_survives_a_file(kind) -> None:
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(kind()))
    assert type(restored) is kind
    assert restored.name == kind.default_name
