"""Exporting by the real command, with an exporter of a plugin."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli import main
from zoo.training.train import train

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
on_tensorflow = pytest.mark.skipif(not ON_TENSORFLOW, reason="exports are made on TensorFlow")

PLUGIN = '''
from dataclasses import dataclass
from typing import Annotated
import numpy as np
from pydantic import Field
from zoo import hookimpl
from zoo.export.exporter import Tolerance


class Network:
    def __init__(self, path, shift):
        import keras, zoo.models.inference
        self.network = keras.models.load_model(path, compile=False)
        self.input_shape, self.shift = self.network.input_shape, np.float32(shift)

    def __call__(self, pictures):
        return self.network.predict_on_batch(pictures) + self.shift


@dataclass(frozen=True)
class Archive:
    """Keep the network in a Keras file, and paint a little lighter.

    Args:
        shift: what is added to every value.
    """

    shift: Annotated[float, Field(ge=0)] = 0.0

    @property
    def label(self):
        return "archive"

    @property
    def tolerance(self):
        return Tolerance(difference=1e-4)

    def write(self, material, folder):
        assert material.calibration.shape == (4, 16, 16, 3)
        material.network.save(folder / "network.keras")

    def open(self, folder, threads=None):
        return Network(folder / "network.keras", self.shift)


@hookimpl
def register_exporters(register):
    register("archive", Archive, summary="a Keras file")
'''


CARD = "card: {description: Turns colours around., licence: cc-by-4.0, data_licence: CC0}\n"


@pytest.fixture(scope="module")
def trained():
    """The folder of a trained run, once for all tests; filled by the first."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def run(trained, tiny_recipe, tmp_path):
    """A run of its own for each test, which keeps examples, beside a plugin with an exporter."""
    if not any(trained.iterdir()):
        tiny_recipe.write_text(tiny_recipe.read_text() + CARD)
        train(tiny_recipe, "training.epochs=1", root=trained, say=lambda line: None)
    shutil.copytree(trained, tmp_path / "runs")
    (tmp_path / "archive.py").write_text(PLUGIN)
    return zoo.Run(next((tmp_path / "runs").iterdir()))


@pytest.fixture
def in_process(monkeypatch, tmp_path, capsys):
    """Runs `zoo` without a process of its own; returns the exit code, stdout and stderr."""

    def call(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in arguments])
        return ended.value.code, *capsys.readouterr()

    return call


def test_an_export_is_proven_described_and_translates_as_the_run(run, zoo_command, tmp_path):
    done = zoo_command("export", run.path, "--format", "archive", "--plugin", "archive.py")
    assert (done.returncode, done.stderr) == (0, "")
    folder = run.path / "export" / "archive"
    first, second = done.stdout.splitlines()
    assert first == (
        "archive: largest difference 0 on [-1, 1], least PSNR none, over 2 held-out pictures"
    )
    assert second.startswith(f"export {folder} (")
    assert {path.name for path in folder.iterdir()} == {
        "network.keras",
        "zoo.json",
        "verification.json",
        "README.md",
        "samples",
    }
    assert [path.name for path in run.path.joinpath("export").iterdir()] == ["archive"]

    export = zoo.load_export(folder, host=zoo.load_host(str(tmp_path / "archive.py")))
    assert (export.name, export.format, export.size) == ("tiny", "archive", (16, 16))
    assert export.verification["difference"] == 0
    assert export.verification["tolerance"] == {"difference": 1e-4, "psnr": None}
    assert len(export.samples) == 2
    picture = np.asarray(Image.open(export.samples[0]))
    np.testing.assert_array_equal(export.translator()(picture), run(picture))


def test_the_command_translates_with_an_export(run, zoo_command, tmp_path):
    archive = ("--plugin", "archive.py")
    assert zoo_command("export", run.path, "--format", "archive", *archive).returncode == 0
    random = np.random.default_rng(0)
    large = random.integers(0, 256, (40, 21, 3), dtype=np.uint8)
    Image.fromarray(large).save(tmp_path / "large.png")
    folder = run.path / "export" / "archive"
    done = zoo_command("translate", folder, "large.png", "--out", "there", *archive)
    assert (done.returncode, done.stdout) == (0, "large.png -> there/large.png\n"), done.stderr
    translated = np.asarray(Image.open(tmp_path / "there" / "large.png"))
    np.testing.assert_array_equal(translated, run(large))


@on_tensorflow
def test_the_model_card_says_what_it_is(run, in_process):
    in_process("export", run.path, "--format", "archive", "--plugin", "archive.py")
    card = (run.path / "export" / "archive" / "README.md").read_text()
    assert card.startswith(
        '---\nlibrary_name: keras\npipeline_tag: image-to-image\nlicense: "cc-by-4.0"\n'
    )
    for part in (
        "# tiny\n",
        "Turns colours around.",
        "Licence of the data: CC0.",
        "4 examples to train, 2 held out.",
        f"| PSNR | {run.metrics['psnr']:.2f} dB |",
        "largest difference 0 on [-1, 1]",
        "float32 pictures (N, 16, 16, 3), channels last, in [-1, 1].\n"
        "In files they are rgb of uint8, of which 0 becomes -1 and 255 becomes 1.",
        "Dropout is off.\nBatch norm uses the statistics gathered in training.",
        f"keras {keras.__version__}",
    ):
        assert part in card, part


@on_tensorflow
def test_an_export_that_paints_other_pictures_fails_and_leaves_the_old_one(run, in_process):
    archive = ("export", run.path, "--format", "archive", "--plugin", "archive.py")
    assert in_process(*archive)[0] == 0
    before = (run.path / "export" / "archive" / "zoo.json").read_text()
    code, _, told = in_process(*archive, "shift=0.5")
    assert code == 2
    assert told == (
        f"zoo: the export archive of {run.path} is left out: it differs from the network by 0.5 "
        "on [-1, 1]; its tolerance is 0.0001\n"
    )
    assert (run.path / "export" / "archive" / "zoo.json").read_text() == before
    assert [path.name for path in run.path.joinpath("export").iterdir()] == ["archive"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--format", "archiv", "--plugin", "archive.py"],
            "zoo: there is no exporter 'archiv'; there is archive, keras, litert, onnx, openvino, "
            "saved_model, web. Did you mean 'archive'?\n",
        ),
        (
            ["--format", "archive", "--plugin", "archive.py", "shift=-1"],
            "zoo: the exporter archive: shift: expected a value of at least 0.0, got -1\n",
        ),
        (
            ["--format", "archive", "--plugin", "archive.py", "shift"],
            "zoo: 'shift' is not an argument; expected KEY=VALUE, as in precision=int8\n",
        ),
        (
            ["--format", "archive", "--plugin", "archive.py", "--out", "."],
            "zoo: . exists and is not an export; name another folder with --out\n",
        ),
        (
            ["--format", "archive", "--format", "keras", "--plugin", "archive.py", "--out", "x"],
            "zoo: --out names one folder, and there are several formats; leave it out\n",
        ),
        (
            ["--format", "archive", "--plugin", "archive.py", "--inverse"],
            "zoo: {run} has no inverse_generator.keras: its model translates one way only\n",
        ),
    ],
)
@on_tensorflow
def test_mistakes_are_told_in_a_sentence(run, in_process, arguments, told):
    code, out, err = in_process("export", run.path, *arguments)
    assert (code, out) == (2, "")
    assert err == told.format(run=run.path)
    assert not (run.path / "export").exists()


@on_tensorflow
def test_a_run_without_pictures_needs_some(run, in_process, pair_folder):
    for file in run.path.glob("examples/*/*"):
        file.unlink()
    archive = ("export", run.path, "--format", "archive", "--plugin", "archive.py")
    code, _, told = in_process(*archive)
    assert code == 2
    assert told == (
        f"zoo: {run.path} keeps no pictures to judge an export by; name some that the network "
        "should translate with --pictures\n"
    )
    (pair_folder / "5.png").unlink()
    (pair_folder / "4.png").unlink()
    code, told, wrong = in_process(*archive, "--pictures", pair_folder, "--out", "there")
    assert code == 0, wrong
    assert "over 4 held-out pictures" in told
    assert told.splitlines()[1].startswith("export there (")


def test_a_folder_that_is_no_export_is_refused(tmp_path):
    with pytest.raises(zoo.ZooError) as caught:
        zoo.load_export(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is not an export: it holds no zoo.json; make one with: zoo export RUN --format onnx"
    )


def test_a_run_keeps_examples_of_its_data(run):
    sources, targets = (run.examples("held_out", side) for side in ("source", "target"))
    assert [path.name for path in sources] == ["source-0001.png", "source-0002.png"]
    assert len(run.examples("training")) == 4
    for source, target in zip(sources, targets, strict=True):
        pictures = [np.asarray(Image.open(path)).astype(int) for path in (source, target)]
        assert pictures[0].shape == (16, 16, 3)
        np.testing.assert_array_equal(pictures[0], 255 - pictures[1])


@pytest.mark.skipif(ON_TENSORFLOW, reason="there Keras runs on TensorFlow")
def test_another_backend_is_refused_in_python_and_taken_by_the_command(run, zoo_process):
    with pytest.raises(zoo.ZooError, match="exporting needs Keras on TensorFlow, and it runs on"):
        zoo.export_run(run, "keras")
    done = zoo_process("export", run.path, "--format", "archive", "--plugin", "archive.py")
    assert done.returncode == 0, done.stderr
