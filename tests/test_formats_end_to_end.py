"""Pictures of any depth and channels, from files through training and back into files, by the `zoo` command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from zoo.pictures import RGB, PictureFormat, read_array, read_picture, write_picture
from zoo.runs.run import Run, list_runs, load_run

SIZE, PAIRS = 16, 8
HOLES = [[0, 0], [0, 1], [7, 9]]

Make = Callable[[np.random.Generator, int, int], np.ndarray]


def smooth(random: np.random.Generator, height: int, width: int, channels: int) -> np.ndarray:
    """A picture of soft blobs, (height, width, channels) in [0, 1]."""
    small = random.random((4, 4, channels), np.float32)
    grown = [
        np.asarray(Image.fromarray(small[..., index]).resize((width, height)))
        for index in range(channels)
    ]
    return np.clip(np.stack(grown, axis=-1), 0, 1)


def scan(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """12 bits in 16."""
    return np.rint(4095 * smooth(random, height, width, 1)).astype(np.uint16)


def bands(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Six channels of 16 bits."""
    return np.rint(10_000 * smooth(random, height, width, 6)).astype(np.uint16)


def photo(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """8-bit colours."""
    return np.rint(255 * smooth(random, height, width, 3)).astype(np.uint8)


def labels(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Classes 1, 2 and 9, and pixels of none."""
    classes = np.array([1, 2, 9], np.uint8)[
        np.digitize(smooth(random, height, width, 1), [0.4, 0.6])
    ]
    classes[:2, :2] = 255
    return classes


def measured(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Floats around 300, as temperatures in kelvin, with a gap."""
    values = 280 + 40 * smooth(random, height, width, 1)
    values[0, 0] = np.nan
    return values


def heights(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Metres above the sea, and holes."""
    picture = np.rint(3000 * smooth(random, height, width, 1)).astype(np.int16)
    for row, column in HOLES:
        picture[row, column] = -9999
    return picture


class Trained:
    """A run that the command trained on pairs of files, and the command."""

    def __init__(self, zoo_command, folder: Path) -> None:
        self.zoo = zoo_command
        self.folder = folder

    def train(
        self, source: tuple[Make, str, str], target: tuple[Make, str, str], *more: str
    ) -> Run:
        """Train an epoch on pairs that functions make, written with a suffix, of a format."""
        random = np.random.default_rng(0)
        for number in range(PAIRS):
            for side, (make, suffix, _) in {"A": source, "B": target}.items():
                picture = make(random, SIZE, SIZE)
                write_picture(self.folder / "pairs" / side / f"{number}{suffix}", picture)
        recipe = self.folder / "tiny.yaml"
        recipe.write_text(
            f"""\
model: {{name: pix2pix}}
generator: {{name: unet, filters: 4, depth: 3}}
discriminator: {{name: patchgan, filters: 4, layers: 1}}
losses:
  adversarial: {{name: vanilla}}
  reconstruction:
    - {{name: l1, weight: 100}}
dataset:
  name: folder
  path: pairs
  size: {SIZE}
  test_share: 0.25
  source_format: {source[2]}
  target_format: {target[2]}
optimizers:
  generator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
  discriminator: {{name: adam, learning_rate: 2.0e-4, beta_1: 0.5}}
training: {{epochs: 1, batch_size: 1, seed: 3, workers: 0}}
evaluation: {{metrics: [{{name: l1}}], samples: 1}}
"""
        )
        done = self.zoo("train", "tiny.yaml", *more)
        assert done.returncode == 0, done.stderr
        (run,) = list_runs(self.folder / "runs")
        return run

    def translate(self, run: Run, make: Make, suffix: str) -> tuple[np.ndarray, Path]:
        """Translate a picture larger than the network; return it and the file that was written."""
        given = make(np.random.default_rng(9), 21, 37)
        write_picture(self.folder / "new" / f"given{suffix}", given)
        done = self.zoo("translate", run.path, "new", "--out", "out")
        assert done.returncode == 0, done.stderr
        (written,) = (self.folder / "out").iterdir()
        assert done.stdout.splitlines() == [
            f"{Path('new', f'given{suffix}')} -> {Path('out', written.name)}"
        ]
        # From Python the same values come of the same values.
        np.testing.assert_array_equal(run(given), read_array(written))
        return given, written


@pytest.fixture
def trained(zoo_command, tmp_path: Path) -> Trained:
    return Trained(zoo_command, tmp_path)


SCANS = "{channels: 1, range: [0, 4095]}"


def test_16_bit_scans_become_16_bit_scans(trained: Trained) -> None:
    scans = (scan, ".tif", SCANS)
    run = trained.train(
        scans, scans, "training.epochs=8", "optimizers.generator.learning_rate=0.02"
    )
    assert run.formats.source == run.formats.target
    assert run.formats.target == PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif")
    _, written = trained.translate(run, scan, ".tif")
    assert written.name == "given.tif"
    with tifffile.TiffFile(written) as file:
        (page,) = file.pages
        assert (page.shape, page.dtype) == ((21, 37), np.uint16)
        assert page.photometric == tifffile.PHOTOMETRIC.MINISBLACK
        values = page.asarray()
    # More steps than 8 bits could hold, over much of the stated range and never outside of it.
    assert values.max() <= 4095
    assert np.ptp(values) > 1000
    assert len(np.unique(values)) > 256
    # A picture of the network's size is what that paints, scaled back.
    square = scan(np.random.default_rng(2), SIZE, SIZE)
    seen = (square.astype(np.float32) / 4095 * 2 - 1)[None]
    painted = np.asarray(run.generator.predict_on_batch(seen))[0]
    expected = np.rint((painted + 1) / 2 * 4095)
    np.testing.assert_allclose(run(square).astype(int), expected, atol=1)

    # A picture of another depth is refused in one sentence, before anything is written.
    write_picture(trained.folder / "other" / "scan.png", np.zeros((8, 8), np.uint8))
    refused = trained.zoo("translate", run.path, "other", "--out", "never")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        f"zoo: {Path('other', 'scan.png')} has values of 8 bits; expected 16 bits"
    ]
    assert not (trained.folder / "never").exists()


def test_six_channels_become_three(trained: Trained) -> None:
    run = trained.train(
        (bands, ".tif", "{channels: 6, range: [0, 10000]}"),
        (photo, ".tif", "{channels: 3}"),
    )
    assert run.generator.input_shape[-1] == 6
    _, written = trained.translate(run, bands, ".tif")
    with tifffile.TiffFile(written) as file:
        assert (file.pages[0].shape, file.pages[0].dtype) == ((21, 37, 3), np.uint8)
        assert file.pages[0].photometric == tifffile.PHOTOMETRIC.RGB


def test_label_maps_become_photos(trained: Trained) -> None:
    run = trained.train((labels, ".png", "{classes: [1, 2, 9]}"), (photo, ".jpg", "{}"))
    assert run.generator.input_shape[-1] == 3
    assert run.formats.target == RGB
    _, written = trained.translate(run, labels, ".png")
    assert written.name == "given.png"
    assert read_picture(written).shape == (21, 37, 3)
    # The samples show each class of the source column in one colour.
    grid = read_picture(run.path / "samples" / "epoch-0001.png")
    source = grid[40:200, 20:190].reshape(-1, 3)
    shown = {tuple(colour) for colour in np.unique(source, axis=0).tolist()}
    assert shown <= {*map(tuple, run.formats.source.palette.tolist()), (255, 255, 255)}


def test_photos_become_label_maps(trained: Trained) -> None:
    run = trained.train((photo, ".png", "{}"), (labels, ".png", "{classes: [1, 2, 9]}"))
    assert run.generator.output_shape[-1] == 3
    _, written = trained.translate(run, photo, ".png")
    with Image.open(written) as file:
        assert (file.mode, file.size) == ("L", (37, 21))
    assert set(np.unique(read_array(written)).tolist()) <= {1, 2, 9}


def test_floats_are_scaled_by_percentiles_and_come_back_as_floats(trained: Trained) -> None:
    arrays = (measured, ".npy", "{channels: 1, percentiles: [10, 90]}")
    run = trained.train(arrays, arrays)
    (low,), (high,) = run.formats.target.low, run.formats.target.high
    seen = [np.load(trained.folder / "pairs" / "B" / f"{number}.npy") for number in range(PAIRS)]
    assert np.nanmin(seen) < low < high < np.nanmax(seen)
    _, written = trained.translate(run, measured, ".npy")
    translated = np.load(written)
    assert (translated.shape, translated.dtype) == ((21, 37), np.float32)
    assert np.argwhere(np.isnan(translated)).tolist() == [[0, 0]]
    assert low - 1e-3 <= np.nanmin(translated) < np.nanmax(translated) <= high + 1e-3


def test_holes_are_no_part_of_a_training_and_holes_in_what_is_written(trained: Trained) -> None:
    elevation = "channels: 1, range: [0, 3000], nodata: -9999"
    run = trained.train(
        (heights, ".tif", f"{{{elevation}}}"),
        (heights, ".tif", f"{{{elevation}, masked: true}}"),
    )
    for file in run.examples("held_out", "target"):
        assert np.argwhere(tifffile.imread(file) == -9999).tolist() == HOLES
    given, written = trained.translate(run, heights, ".tif")
    with tifffile.TiffFile(written) as tiff:
        np.testing.assert_array_equal(tiff.asarray() == -9999, given[..., 0] == -9999)
        assert tiff.pages.first.tags[42113].value == "-9999"
    refused = trained.zoo("validate", "tiny.yaml", "model.name=cyclegan")
    assert refused.returncode == 2
    assert (
        "the model cyclegan cannot leave holes of targets out of its losses; set target_format.masked to false, or use "
        "a model of pairs such as pix2pix" in refused.stderr
    )


def test_the_inverse_swaps_the_formats(trained: Trained) -> None:
    run = trained.train(
        (scan, ".tif", SCANS),
        (photo, ".png", "{}"),
        "model.name=cyclegan",
        "model.identity_weight=0",
        "dataset.paired=false",
        "evaluation.metrics=[]",
    )
    write_picture(trained.folder / "new" / "a.png", photo(np.random.default_rng(9), 21, 37))
    done = trained.zoo("translate", run.path, "new", "--out", "out", "--inverse")
    assert done.returncode == 0, done.stderr
    translated = tifffile.imread(trained.folder / "out" / "a.tif")
    assert (translated.shape, translated.dtype) == ((21, 37), np.uint16)
    refused = trained.zoo("translate", run.path, "out", "--out", "back", "--inverse")
    assert refused.stderr.splitlines() == [
        f"zoo: {Path('out', 'a.tif')} has values of 16 bits; expected 8 bits"
    ]


def test_a_run_without_stored_formats_is_one_of_rgb(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    run = load_run(tmp_path)
    assert (run.formats.source, run.formats.target) == (RGB, RGB)


def test_formats_are_stored_as_plain_data(tmp_path: Path) -> None:
    formats = {
        "source": PictureFormat(2, "float32", (0.125, -3.0), (1e-9, 4.0), suffix=".npy"),
        "target": PictureFormat(classes=((1, 2, 3), (4, 5, 6))),
    }
    stored = {side: form.as_json() for side, form in formats.items()}
    (tmp_path / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    (tmp_path / "pictures.json").write_text(json.dumps(stored))
    run = load_run(tmp_path)
    assert (run.formats.source, run.formats.target) == (formats["source"], formats["target"])
