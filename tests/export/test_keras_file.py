"""The `.keras` file of an export."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest

from zoo.errors import ZooError
from zoo.export.exporter import Material
from zoo.export.formats.keras_file import KerasFile
from zoo.models.inference import inference_network
from zoo.models.parts import Inference

PICTURES = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 3)).astype(np.float32)


def network(dropout, statistics):
    x = inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.Conv2D(3, 1, activation="tanh")(x)
    return inference_network(keras.Model(inputs, x), Inference(dropout, statistics))


def write(network, folder):
    KerasFile().write(Material(network, "facades", PICTURES[:0], PICTURES), folder)


@pytest.mark.parametrize("statistics", ["running", "picture"])
def test_the_file_paints_what_the_network_paints(tmp_path, statistics):
    painter = network(False, statistics)
    (tmp_path / "written").mkdir()
    write(painter, tmp_path / "written")
    moved = (tmp_path / "written").rename(tmp_path / "moved")
    assert [file.name for file in moved.iterdir()] == ["model.keras"]
    runtime = KerasFile().open(moved, threads=2)
    assert runtime.input_shape == (None, 16, 16, 3)
    for count in (1, 3):
        painted = runtime(PICTURES[:count])
        assert (painted.dtype, painted.shape) == (np.float32, (count, 16, 16, 3))
        np.testing.assert_allclose(painted, painter.predict_on_batch(PICTURES[:count]), atol=1e-5)


def test_dropout_that_stays_on_stays_on(tmp_path):
    write(network(True, "picture"), tmp_path)
    runtime = KerasFile().open(tmp_path)
    assert not np.array_equal(runtime(PICTURES), runtime(PICTURES))


def test_the_file_opens_where_the_inference_module_is_imported(tmp_path):
    write(network(True, "picture"), tmp_path)
    code = (
        "import keras, zoo.models.inference; "
        f"print(keras.models.load_model({str(tmp_path / 'model.keras')!r}).output_shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "(None, 16, 16, 3)"


def test_the_label_and_the_tolerance():
    exporter = KerasFile()
    assert (exporter.label, exporter.tolerance.difference) == ("keras", 1e-4)


def test_a_folder_without_the_file_is_refused(tmp_path):
    with pytest.raises(ZooError, match=f"^{tmp_path} holds no model.keras$"):
        KerasFile().open(tmp_path)
