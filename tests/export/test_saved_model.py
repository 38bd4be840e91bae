"""What the exporter writes: folders, weights, warm-up, and files that start a server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from ruamel.yaml import YAML

pytest.importorskip("tensorflow_serving")

import tensorflow as tf
from google.protobuf import text_format
from serving_rest import Served
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from zoo.errors import ZooError
from zoo.export.exporter import Material
from zoo.export.formats.saved_model import SavedModel
from zoo.export.prepare import exportable
from zoo.models.inference import inference_network
from zoo.models.parts import Inference
from zoo.networks.unet import unet
from zoo.pictures import RGB, Formats, PictureFormat

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel is written on TensorFlow"
)
FLOATS = PictureFormat("grey", "float32", (0.0,), (1.0,), suffix=".tif")


def pictures(count=3, channels=3):
    return np.random.default_rng(0).uniform(-1, 1, (count, 16, 16, channels)).astype(np.float32)


def material(network, source=RGB, target=RGB, **options):
    held_out = pictures(channels=network.input_shape[-1])
    return Material(network, "facades", held_out[:0], held_out, Formats(source, target), **options)


def tiny(channels=3):
    network = unet((16, 16, channels), channels, depth=3, filters=4, dropout=0.5)
    for variable in network.variables:  # as after training, statistics are not at their start
        variable.assign(variable + 0.1)
    return network


def dropping():
    """A network whose batch statistics and dropout both matter."""
    x = inputs = keras.Input((16, 16, 3))
    for _ in range(2):
        x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Dropout(0.5)(x)
    return keras.Model(inputs, keras.layers.Conv2D(3, 1, activation="tanh")(x))


@pytest.fixture(scope="module")
def network():
    return tiny()


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory):
    """An export that was moved after it was written."""
    place = tmp_path_factory.mktemp("export")
    (written := place / "written").mkdir()
    SavedModel().write(material(network), written)
    return written.rename(place / "moved")


def requests(folder):
    file = folder / "facades" / "1" / "assets.extra" / "tf_serving_warmup_requests"
    records = tf.data.TFRecordDataset([str(file)])
    return [PredictionLog.FromString(record.numpy()).predict_log.request for record in records]


# === Layout ===


def test_the_folder_holds_a_version_and_what_starts_a_server(folder):
    version = folder / "facades" / "1"
    assert sorted(file.name for file in folder.iterdir()) == [
        "compose.yaml",
        "facades",
        "models.config",
    ]
    assert {"saved_model.pb", "variables", "assets.extra"} <= {
        file.name for file in version.iterdir()
    }


def test_weights_are_stored_once(network, folder):
    stored = sum(file.stat().st_size for file in (folder / "facades/1/variables").iterdir())
    weights = sum(variable.numpy().nbytes for variable in network.variables)
    graph = (folder / "facades" / "1" / "saved_model.pb").stat().st_size
    # The index, and a little for each variable.
    assert weights <= stored <= weights + 200 * len(network.variables) + 1000
    assert graph < 1_000_000


def test_nothing_names_the_folder_it_was_written_in(folder):
    for file in folder.rglob("*"):
        if file.is_file():
            assert str(folder.parent).encode() not in file.read_bytes()


def test_the_list_of_models_is_what_the_server_parses(folder):
    config = text_format.Parse((folder / "models.config").read_text(), ModelServerConfig())
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path, model.model_platform) == (
        "facades",
        "/models/facades",
        "tensorflow",
    )


def test_the_compose_file_mounts_what_is_there(folder):
    service = YAML(typ="safe").load((folder / "compose.yaml").read_text())["services"]["serving"]
    assert service["image"] == "tensorflow/serving:${TENSORFLOW_SERVING_TAG:-latest}"
    assert service["command"] == ["--model_config_file=/models/models.config"]
    assert service["ports"] == ["127.0.0.1:8500:8500", "127.0.0.1:8501:8501"]
    mounts = dict(volume.removesuffix(":ro").split(":") for volume in service["volumes"])
    assert mounts == {
        "./models.config": "/models/models.config",
        "./facades": "/models/facades",
    }
    assert all((folder / place).exists() for place in mounts)


# === Signatures ===


def test_the_runtime_paints_what_the_network_paints(network, folder):
    runtime = SavedModel().open(folder, threads=1)
    assert runtime.input_shape == (None, 16, 16, 3)
    for count in (1, 3):
        painted = runtime(pictures(count))
        assert painted.dtype == np.float32
        np.testing.assert_allclose(painted, network.predict_on_batch(pictures(count)), atol=1e-5)


def test_signatures_name_what_they_take_and_give(folder):
    signatures = Served(folder / "facades" / "1").signatures
    described = {
        name: [
            (key, info.dtype, [side.size for side in info.tensor_shape.dim])
            for side in (signature.inputs, signature.outputs)
            for key, info in side.items()
        ]
        for name, signature in signatures.items()
        if name != "__saved_model_init_op"
    }
    floats, strings = tf.float32.as_datatype_enum, tf.string.as_datatype_enum
    assert described == {
        "serving_default": [
            ("pictures", floats, [-1, 16, 16, 3]),
            ("translated", floats, [-1, 16, 16, 3]),
        ],
        "translate_bytes": [
            ("picture_bytes", strings, [-1]),
            ("translated_bytes", strings, [-1]),
        ],
    }


@pytest.mark.parametrize("dropout", [False, True])
def test_the_choice_of_inference_is_kept_and_nothing_moves(tmp_path, dropout):
    network = inference_network(dropping(), Inference(dropout, "picture"))
    SavedModel().write(material(network), tmp_path)
    served = Served(tmp_path / "facades" / "1")
    before = served.variables()
    first, second = (
        served.run("serving_default", {"pictures": pictures(1)})["translated"] for _ in range(2)
    )
    for request in requests(tmp_path):
        replay(served, request)
    assert np.array_equal(first, second) is not dropout
    if not dropout:
        np.testing.assert_allclose(first, network.predict_on_batch(pictures(1)), atol=1e-5)
    after = served.variables()
    assert len(before) == len(exportable(network).variables)
    for name, value in before.items():
        np.testing.assert_array_equal(value, after[name])


def test_files_that_hold_no_such_pictures_are_left_out_and_said_so(tmp_path):
    SavedModel().write(material(tiny(1), FLOATS, FLOATS), tmp_path)
    assert "translate_bytes" not in Served(tmp_path / "facades" / "1").signatures
    assert (
        (tmp_path / "models.config")
        .read_text()
        .startswith(
            "# serving_default: pictures, float32 (N, 16, 16, 1) in [-1, 1], to translated.\n"
            "# There is no signature translate_bytes: no PNG file holds sources of 1 channels of float32.\n"
        )
    )
    assert [request.model_spec.signature_name for request in requests(tmp_path)] == [
        "serving_default"
    ] * 2


# === Warm-up ===


def replay(served, request):
    inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
    return served.run(request.model_spec.signature_name, inputs)


def test_warm_up_requests_are_held_out_pictures_for_every_signature(network, folder):
    served = Served(folder / "facades" / "1")
    asked = requests(folder)
    assert [(request.model_spec.name, request.model_spec.signature_name) for request in asked] == [
        ("facades", "serving_default"),
        ("facades", "translate_bytes"),
    ] * 2
    painted = network.predict_on_batch(pictures())
    for index, request in enumerate(asked):
        ((name, answer),) = replay(served, request).items()
        if name == "translated":
            np.testing.assert_allclose(answer[0], painted[index // 2], atol=1e-5)
        else:
            # The file that was sent holds 8 bits of the picture.
            got = tf.io.decode_png(answer[0]).numpy() / 127.5 - 1
            assert np.abs(got - painted[index // 2]).mean() < 0.01


# === Refusals ===


def test_without_the_servers_messages_nothing_is_written(monkeypatch, network, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis.model_pb2", None)
    message = (
        "^the warm-up requests of a served model are messages of TensorFlow Serving; "
        r"install them with: pip install 'pix2pix-zoo\[serving\]'$"
    )
    with pytest.raises(ZooError, match=message):
        SavedModel().write(material(network), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_backend_is_refused(monkeypatch, network, tmp_path):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    message = (
        "^a SavedModel is written by Keras on TensorFlow, and it runs on jax here; "
        "set KERAS_BACKEND=tensorflow$"
    )
    with pytest.raises(ZooError, match=message):
        SavedModel().write(material(network), tmp_path)


@pytest.mark.parametrize(("models", "count"), [(0, "no SavedModel"), (2, "2 SavedModels")])
def test_a_folder_without_one_model_is_refused(tmp_path: Path, models, count):
    for index in range(models):
        (tmp_path / f"m{index}" / "1").mkdir(parents=True)
        (tmp_path / f"m{index}" / "1" / "saved_model.pb").touch()
    with pytest.raises(ZooError, match=f"^{tmp_path} holds {count}; expected one, at NAME/1/"):
        SavedModel().open(tmp_path)


def test_a_second_version_by_hand_does_not_disturb(folder, tmp_path):
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copied / "facades" / "2").mkdir()
    assert SavedModel().open(copied)(pictures(1)).shape == (1, 16, 16, 3)
