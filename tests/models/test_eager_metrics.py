"""Metrics that run outside graphs: what they get, when, and that their figures are logged like all others."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny import tiny_data, tiny_pix2pix

from zoo.errors import ZooError
from zoo.metrics.mean import MeanOverPictures
from zoo.metrics.pixel import L1


@keras.saving.register_keras_serializable(package="tests")
class EagerL1(MeanOverPictures):
    """L1 by NumPy, which no graph could call."""

    _direction = "down"
    default_name = "eager_l1"
    eager = True

    def per_picture(self, target, translated, mask=None):
        assert type(target) is type(translated) is np.ndarray
        assert target.dtype == translated.dtype == np.float32
        apart = np.abs(target - translated)
        if mask is None:
            return apart.mean(axis=(1, 2, 3))
        assert type(mask) is np.ndarray
        return (apart * mask).sum(axis=(1, 2, 3)) / (mask.sum(axis=(1, 2, 3)) * target.shape[-1])


@keras.saving.register_keras_serializable(package="tests")
class SetSize(keras.metrics.Metric):
    """How many pictures there are; no mean."""

    eager = True
    paired = False

    def __init__(self, name="set_size", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.count = 0

    def update_state(self, target, translated, sample_weight=None):
        assert isinstance(target, np.ndarray)
        self.count += len(target)

    def result(self):
        return float(self.count)

    def reset_state(self):
        self.count = 0


def as_dataset(data):
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return {name: part[2 * index : 2 * index + 2] for name, part in data.items()}

    return Batches()


def test_fit_logs_their_figures(tmp_path: Path) -> None:
    model = tiny_pix2pix(metrics=[EagerL1(), L1(), SetSize()])
    data = tiny_data()
    history = model.fit(
        as_dataset(data), epochs=2, validation_data=as_dataset(data), shuffle=False, verbose=0
    ).history
    assert history["val_eager_l1"] == pytest.approx(history["val_l1"], abs=1e-5)
    assert history["val_set_size"] == [3, 3]
    figures = model.evaluate(as_dataset(data), return_dict=True, verbose=0)
    assert list(figures) == ["l1", "eager_l1", "set_size"]
    assert history["val_l1"][-1] == pytest.approx(figures["l1"], abs=1e-6)
    assert model.evaluate(as_dataset(data), verbose=0) == pytest.approx(list(figures.values()))
    # They come back with the model.
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert restored.evaluate(as_dataset(data), return_dict=True, verbose=0) == pytest.approx(
        figures, abs=1e-5
    )


def test_arrays_masks_and_single_metrics() -> None:
    model = tiny_pix2pix(metrics=[EagerL1()])
    data = tiny_data()
    translated = np.asarray(model.predict_on_batch(data["source"]))
    apart = np.abs(translated - data["target"])
    found = model.evaluate(
        data["source"], data["target"], batch_size=2, return_dict=True, verbose=0
    )
    assert found["eager_l1"] == pytest.approx(apart.mean(), abs=1e-5)
    mask = np.zeros((3, 8, 8, 1), "float32")
    mask[:, :4] = 1
    found = model.evaluate({**data, "target_mask": mask}, return_dict=True, verbose=0)
    assert found["eager_l1"] == pytest.approx(apart[:, :4].mean(), abs=1e-5)


def test_what_can_be_read_once_only_is_refused() -> None:
    model = tiny_pix2pix(metrics=[EagerL1()])
    message = (
        "metrics that run outside graphs read the held-out pictures a second time, and these can be read only once; "
        "give a keras.utils.PyDataset, a tf.data.Dataset or arrays"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        model.evaluate(iter([tiny_data()]), verbose=0)
