from importlib.util import find_spec

import numpy as np
import pytest
from small_networks import STEADY, alone, material, psnr, small_network

from zoo.errors import ZooError
from zoo.export.formats.openvino import OpenVINO

# Not by importing it: unless zoo does, it writes an id into the home folder.
pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")


@pytest.mark.parametrize("name", STEADY)
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_what_it_writes_paints_the_same(name, precision, tmp_path):
    given = material(network := small_network(name))
    exporter = OpenVINO(precision)
    exporter.write(given, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.bin", "model.xml"]
    runtime = exporter.open(tmp_path, 1)
    assert runtime.input_shape == network.input_shape
    painted, expected = runtime(given.held_out), network.predict_on_batch(given.held_out)
    assert painted.dtype == np.float32
    if precision == "float32":
        np.testing.assert_allclose(painted, expected, atol=1e-5)
    else:
        assert psnr(painted, expected) > 70
    # One picture at a time is the same: nothing is shared between the pictures of a batch.
    np.testing.assert_allclose(runtime(given.held_out[1:]), painted[1:], atol=1e-6)


def test_half_precision_halves_the_weights(tmp_path):
    given = material(small_network("unet"))
    sizes = []
    for exporter in (OpenVINO(), OpenVINO("float16")):
        exporter.write(given, tmp_path)
        sizes.append((tmp_path / "model.bin").stat().st_size)
    assert sizes[1] < 0.55 * sizes[0]


def test_labels_and_tolerances():
    assert (OpenVINO().label, OpenVINO().tolerance.difference) == ("openvino", 1e-4)
    half = OpenVINO("float16")
    assert (half.label, half.tolerance.psnr) == ("openvino-float16", 50.0)


def test_dropout_that_stays_on_is_new_in_every_call(tmp_path):
    given = material(small_network("dropout"))
    OpenVINO().write(given, tmp_path)
    runtime = OpenVINO().open(tmp_path, 1)
    assert np.abs(runtime(given.held_out) - runtime(given.held_out)).max() > 0.01
    twice = runtime(given.held_out[:1].repeat(2, axis=0))
    assert np.abs(twice[0] - twice[1]).max() > 0.01
    # Nor do they begin anew with the file's opening.
    starts = [OpenVINO().open(tmp_path, 1)(given.held_out) for _ in range(2)]
    assert np.abs(starts[0] - starts[1]).max() > 0.01


def test_an_answer_stays_as_it_is_when_the_next_is_painted(tmp_path):
    given = material(small_network("spectral norm"))
    OpenVINO().write(given, tmp_path)
    runtime = OpenVINO().open(tmp_path, 1)
    first = runtime(given.held_out)
    before = first.copy()
    runtime(-given.held_out)
    np.testing.assert_array_equal(first, before)


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "model.xml").write_text("nothing")
    with pytest.raises(ZooError, match=r"^OpenVINO cannot open .*model\.xml: "):
        OpenVINO().open(tmp_path)


def test_the_converter_is_quiet(tmp_path, capfd):
    given = material(small_network("spectral norm"))
    OpenVINO().write(given, tmp_path)
    OpenVINO().open(tmp_path, 1)(given.held_out)
    assert capfd.readouterr() == ("", "")


def test_it_opens_no_socket_and_writes_nothing_elsewhere(tmp_path):
    alone("zoo.export.formats.openvino:OpenVINO", tmp_path)
