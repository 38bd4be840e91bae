"""The FCN score by a network whose answers are known: it tells a pixel's class by its brightest channel."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.metrics.fcn_score import FCNScore


@pytest.fixture
def network(tmp_path: Path) -> str:
    """Half the size, logits of three classes, of pictures from 0 to 255."""
    layer = keras.layers.Conv2D(3, 2, strides=2, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 3)), layer])
    kernel = np.zeros((2, 2, 3, 3), "float32")
    kernel[:, :, range(3), range(3)] = 0.25
    layer.set_weights([kernel])
    path = tmp_path / "segmentation.keras"
    model.save(path)
    return str(path)


def labels(*columns: int) -> np.ndarray:
    """Label maps (1, 4, 8, 3) of stripes, two pixels each."""
    stripes = np.repeat(np.array(columns), 2)[None, None, :].repeat(4, axis=1)
    return np.where(stripes[..., None] == np.arange(3), 1, -1).astype("float32")


def coloured(*columns: int) -> np.ndarray:
    return labels(*columns) * 0.5


def score(metric: FCNScore, target, translated, source) -> float:
    metric.update_state(target, translated, source=source)
    return float(metric.result())


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("pixel_accuracy", 3 / 4),
        ("class_accuracy", (1 + 1 / 2 + 1) / 3),
        ("iou", (1 + 1 / 2 + 1 / 2) / 3),
    ],
)
def test_labels_found_are_compared_with_the_sources(
    network: str, figure: str, expected: float
) -> None:
    source, translated = labels(0, 1, 1, 2), coloured(0, 1, 2, 2)
    metric = FCNScore(network, figure=figure, low=0, high=255)
    # What the target shows does not matter.
    assert score(metric, coloured(2, 2, 2, 2), translated, source) == pytest.approx(expected)
    assert (
        metric.label
        == {
            "pixel_accuracy": "FCN score, pixel accuracy",
            "class_accuracy": "FCN score, class accuracy",
            "iou": "FCN score, mean IoU",
        }[figure]
    )


def test_or_with_what_is_found_in_the_targets(network: str) -> None:
    metric = FCNScore(network, labels="target", figure="pixel_accuracy")
    # Sources of any kind will do.
    source = np.zeros((1, 4, 8, 1), "float32")
    assert score(metric, coloured(0, 1, 1, 1), coloured(0, 1, 2, 2), source) == pytest.approx(1 / 2)
    assert metric.note(3) == (
        "by segmentation.keras, against what it finds in the targets; compare it only with figures by the same network"
    )


def test_other_classes_than_the_sources_are_refused(network: str) -> None:
    message = (
        f"the network {network} tells 3 classes, but the sources have 4 channels; expected label maps of the same "
        "classes (dataset.source_format.classes), or labels: target"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        score(FCNScore(network), coloured(0), coloured(0), np.zeros((1, 4, 2, 4), "float32"))


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZooError, match=r"does not exist$"):
        score(FCNScore(str(tmp_path / "none.keras")), coloured(0), coloured(0), labels(0))
    (tmp_path / "text.keras").write_text("text")
    with pytest.raises(
        ZooError, match=r"^the segmentation network .*text\.keras cannot be loaded: "
    ):
        score(FCNScore(str(tmp_path / "text.keras")), coloured(0), coloured(0), labels(0))


@pytest.mark.one_backend
def test_a_saved_model_judges_too(network: str, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    keras.models.load_model(network).export(folder, verbose=False)
    metric = FCNScore(str(folder), figure="pixel_accuracy")
    assert score(metric, coloured(0, 0), coloured(0, 1), labels(0, 0)) == pytest.approx(1 / 2)


def test_it_survives_a_file(network: str) -> None:
    metric = FCNScore(network, figure="class_accuracy", low=0, high=255)
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert restored.get_config() == metric.get_config()
