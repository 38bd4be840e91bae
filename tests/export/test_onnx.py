from importlib.util import find_spec

import numpy as np
import pytest
from small_networks import STEADY, alone, material, small_network

from zoo.errors import ZooError
from zoo.export.formats.onnx import ONNX

# Not by importing them: unless zoo does, onnxruntime writes files into the home folder.
pytestmark = pytest.mark.skipif(
    not all(find_spec(needed) for needed in ("onnxruntime", "tf2onnx")),
    reason="onnxruntime or tf2onnx is not installed",
)


@pytest.mark.parametrize("name", STEADY)
def test_what_it_writes_paints_the_same(name, tmp_path):
    given = material(network := small_network(name))
    ONNX().write(given, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    runtime = ONNX().open(tmp_path, 1)
    assert runtime.input_shape == network.input_shape
    painted, expected = runtime(given.held_out), network.predict_on_batch(given.held_out)
    assert painted.dtype == np.float32
    np.testing.assert_allclose(painted, expected, atol=1e-5)
    # One picture at a time is the same: nothing is shared between the pictures of a batch.
    np.testing.assert_allclose(runtime(given.held_out[1:]), painted[1:], atol=1e-6)


@pytest.mark.parametrize("opset", [13, 15, 18])
def test_the_file_says_what_goes_in_and_out(opset, tmp_path):
    import onnx

    given = material(small_network("unet"))
    ONNX(opset=opset).write(given, tmp_path)
    model = onnx.load(tmp_path / "model.onnx")
    assert model.opset_import[0].version == opset
    assert model.graph.name == "small"

    def described(values):
        return [
            (value.name, [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim])
            for value in values
        ]

    assert described(model.graph.input) == [("pictures", ["batch", 32, 32, 3])]
    assert described(model.graph.output) == [("paintings", ["batch", 32, 32, 3])]
    assert ONNX().open(tmp_path)(given.held_out).shape == (2, 32, 32, 3)


def test_dropout_that_stays_on_is_new_in_every_call(tmp_path):
    given = material(small_network("dropout"))
    ONNX().write(given, tmp_path)
    runtime = ONNX().open(tmp_path, 1)
    assert np.abs(runtime(given.held_out) - runtime(given.held_out)).max() > 0.01
    twice = runtime(given.held_out[:1].repeat(2, axis=0))
    assert np.abs(twice[0] - twice[1]).max() > 0.01
    # Nor do they begin anew with every process: the runtime has its own seed only where the file has none.
    import onnx

    drawn = [n for n in onnx.load(tmp_path / "model.onnx").graph.node if "Random" in n.op_type]
    assert len(drawn) == 2
    assert not [each.name for node in drawn for each in node.attribute if each.name == "seed"]


def test_label_and_tolerance():
    assert (ONNX().label, ONNX().tolerance.difference) == ("onnx", 1e-4)


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ZooError, match=r"^onnxruntime cannot open .*model\.onnx: "):
        ONNX().open(tmp_path)


def test_the_converter_is_quiet(tmp_path, capfd):
    given = material(small_network("spectral norm"))
    ONNX().write(given, tmp_path)
    ONNX().open(tmp_path, 1)(given.held_out)
    assert capfd.readouterr() == ("", "")


def test_it_opens_no_socket_and_writes_nothing_elsewhere(tmp_path):
    alone("zoo.export.formats.onnx:ONNX", tmp_path)
