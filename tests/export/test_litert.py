from dataclasses import replace

import keras
import numpy as np
import pytest
from small_networks import STEADY, alone, material, psnr, small_network

from zoo.errors import ZooError
from zoo.export.formats.litert import LiteRT
from zoo.networks.unet import unet

pytest.importorskip("ai_edge_litert")

PRECISIONS = ["float32", "float16", "int8_dynamic", "int8"]


@pytest.mark.parametrize("name", STEADY)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_it_writes_paints_the_same(name, precision, tmp_path):
    given = material(network := small_network(name))
    exporter = LiteRT(precision)
    exporter.write(given, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]
    runtime = exporter.open(tmp_path, 1)
    assert runtime.input_shape == network.input_shape
    painted, expected = runtime(given.held_out), network.predict_on_batch(given.held_out)
    assert painted.dtype == np.float32
    assert painted.shape == expected.shape
    if precision == "float32":
        np.testing.assert_allclose(painted, expected, atol=1e-5)
    else:
        # Of a few filters; generators of the usual width come closer.
        assert psnr(painted, expected) > {"float16": 70, "int8_dynamic": 38, "int8": 25}[precision]
    # One picture at a time is the same: nothing is shared between the pictures of a batch.
    np.testing.assert_array_equal(runtime(given.held_out[1:]), painted[1:])


@pytest.mark.parametrize("name", ["statistics of each picture", "unet"])
def test_only_statistics_of_each_picture_stay_out_of_whole_numbers(name, tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    LiteRT("int8").write(material(small_network(name)), tmp_path)
    types = {
        detail["dtype"]
        for detail in Interpreter(str(tmp_path / "model.tflite")).get_tensor_details()
        if detail["shape"].tolist() == [1, 4, 4, 8]
    }
    assert types == ({np.int8, np.float32} if name != "unet" else {np.int8})


def test_labels_and_tolerances():
    exporters = [LiteRT(precision) for precision in PRECISIONS]
    assert [exporter.label for exporter in exporters] == [
        "litert",
        "litert-float16",
        "litert-int8-dynamic",
        "litert-int8",
    ]
    assert exporters[0] == LiteRT()
    assert exporters[0].tolerance.difference == 1e-4
    assert [exporter.tolerance.psnr for exporter in exporters] == [None, 50.0, 45.0, 38.0]


def test_files_shrink_with_the_precision(tmp_path):
    keras.utils.set_random_seed(0)
    given = material(unet((32, 32, 3), 3, depth=4, filters=16))
    sizes = {}
    for precision in PRECISIONS:
        (folder := tmp_path / precision).mkdir()
        LiteRT(precision).write(given, folder)
        sizes[precision] = (folder / "model.tflite").stat().st_size
    assert sizes["float16"] < 0.53 * sizes["float32"]
    assert sizes["int8_dynamic"] < 0.3 * sizes["float32"]
    assert sizes["int8"] < 0.3 * sizes["float32"]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_dropout_that_stays_on_is_new_in_every_call(precision, tmp_path):
    given = material(small_network("dropout"))
    LiteRT(precision).write(given, tmp_path)
    runtime = LiteRT(precision).open(tmp_path, 1)
    first, second = runtime(given.held_out), runtime(given.held_out)
    assert np.abs(first - second).max() > 0.01
    twice = runtime(given.held_out[:1].repeat(2, axis=0))
    assert np.abs(twice[0] - twice[1]).max() > 0.01
    # Nor do they begin anew with the file's opening.
    starts = [LiteRT(precision).open(tmp_path, 1)(given.held_out) for _ in range(2)]
    assert np.abs(starts[0] - starts[1]).max() > 0.01


def test_whole_numbers_need_pictures(tmp_path):
    given = material(small_network("spectral norm"))
    with pytest.raises(
        ZooError,
        match=r"^litert with precision int8 finds its scales on training pictures, and the run has none in "
        r"examples/training; put some there, or use precision int8_dynamic, which needs none$",
    ):
        LiteRT("int8").write(replace(given, calibration=given.calibration[:0]), tmp_path)
    assert not list(tmp_path.iterdir())


class Incomplete(keras.layers.Layer):
    def call(self, inputs):
        import tensorflow as tf

        return tf.raw_ops.Betainc(a=inputs, b=inputs, x=inputs)

    def compute_output_shape(self, input_shape):
        return input_shape


def test_what_the_converter_does_not_take_is_told_in_a_line(tmp_path, capfd):
    source = keras.Input((8, 8, 3))
    network = keras.Model(source, Incomplete()(source))
    with pytest.raises(ZooError) as caught:
        LiteRT().write(material(network), tmp_path)
    said = str(caught.value)
    assert said.startswith("the network cannot be written as LiteRT; its converter says: ")
    assert "Betainc" in said
    assert "\n" not in said
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"nothing")
    with pytest.raises(ZooError, match=r"^ai-edge-litert cannot open .*model\.tflite: "):
        LiteRT().open(tmp_path)


def test_the_converter_is_quiet(tmp_path, capfd):
    given = material(small_network("spectral norm"))
    for precision in PRECISIONS:
        LiteRT(precision).write(given, tmp_path)
        LiteRT(precision).open(tmp_path, 1)(given.held_out)
    assert capfd.readouterr() == ("", "")


def test_it_opens_no_socket_and_writes_nothing_elsewhere(tmp_path):
    alone("zoo.export.formats.litert:LiteRT", tmp_path)
