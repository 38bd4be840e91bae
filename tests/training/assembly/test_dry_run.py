import re

import keras
import numpy as np
import pytest
from keras import ops

from zoo.errors import ZooError
from zoo.losses.ssim import SSIM
from zoo.metrics.pixel import L1
from zoo.training.assembly.dry_run import try_loss, try_metric

SHAPE = (16, 12, 3)


@pytest.mark.parametrize("loss", [keras.losses.MeanAbsoluteError(), keras.losses.LogCosh(), SSIM()])
def test_a_loss_of_pictures_passes(loss):
    try_loss(loss, (16, 12, 3))


def test_a_metric_of_pictures_passes_and_is_as_before():
    metric = L1()
    try_metric(metric, SHAPE, SHAPE)
    metric.update_state(np.zeros((1, *SHAPE)), np.full((1, *SHAPE), 0.5))
    assert float(metric.result()) == pytest.approx(0.5)


@pytest.mark.parametrize("kind", ["SparseCategoricalCrossentropy", "CTC", "Circle"])
def test_a_loss_of_classes_is_refused(kind):
    with pytest.raises(ZooError, match=r"^it cannot compare pictures of 16 x 12 x 3: [^\n]+$"):
        try_loss(getattr(keras.losses, kind)(), SHAPE)


def test_a_metric_of_classes_is_refused():
    with pytest.raises(ZooError, match=r"^it cannot compare pictures of 16 x 12 x 3: [^\n]+$"):
        try_metric(keras.metrics.R2Score(), SHAPE, SHAPE)


def test_a_loss_that_is_no_single_number_is_refused():
    message = (
        "it gives numbers of the shape (1, 16, 12) for a picture of 16 x 12 x 3; expected a single number, "
        "so leave its arguments about reduction or averaging at their defaults"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        try_loss(keras.losses.MeanSquaredError(reduction="none"), SHAPE)


def test_a_metric_that_is_no_single_number_is_refused():
    class Channels(keras.metrics.Metric):
        def update_state(self, y_true, y_pred, sample_weight=None):
            self.means = ops.mean(y_pred, axis=(0, 1, 2))

        def result(self):
            return self.means

    with pytest.raises(ZooError, match=r"^it gives numbers of the shape \(3,\) for a picture"):
        try_metric(Channels(), SHAPE, SHAPE)


def test_what_a_loss_says_itself_is_not_wrapped():
    with pytest.raises(ZooError, match=r"^SSIM compares windows of 11 x 11 pixels, but"):
        try_loss(SSIM(), (8, 8, 3))
