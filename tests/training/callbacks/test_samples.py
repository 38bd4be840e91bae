import numpy as np
import pytest

from zoo.pictures import Formats, PictureFormat, read_picture
from zoo.training.callbacks.samples import SampleGrid


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_draws_before_training_and_after_every_epoch(fit, pictures, tmp_path):
    fit(SampleGrid(tmp_path, pictures(10)), epochs=2)
    assert names(tmp_path) == ["epoch-0000.png", "epoch-0001.png", "epoch-0002.png"]


def test_every_leaves_epochs_out_but_never_the_last(fit, pictures, tmp_path):
    fit(SampleGrid(tmp_path, pictures(10), every=2), epochs=3)
    assert names(tmp_path) == ["epoch-0000.png", "epoch-0002.png", "epoch-0003.png"]


def test_a_trained_network_is_not_drawn_as_untrained(fit, pictures, tmp_path):
    fit(epochs=1)
    fit(SampleGrid(tmp_path, pictures(10)), initial_epoch=0, epochs=1)
    assert names(tmp_path) == ["epoch-0001.png"]


def test_shows_source_translated_and_target(model, fit, pictures, tmp_path):
    model.set_weights([np.zeros((1, 1, 3, 3)), np.full(3, 0.5)])
    model.optimizer.learning_rate = 0.0
    fit(SampleGrid(tmp_path, pictures(4), count=4), epochs=1)
    grid = read_picture(tmp_path / "epoch-0001.png")
    columns = [int(grid[40, x, 0]) for x in (100, 300, 500)]
    assert columns == [128, 191, 128]
    rows = [int(grid[y, 100, 0]) for y in (40, 240, 440, 640)]
    assert rows == [128, 159, 191, 223]


class Masks:
    """One example: a label map of three classes, and a picture of six channels."""

    def __len__(self):
        return 1

    def example(self, index, random):
        source = np.full((8, 8, 3), -1, np.float32)
        source[..., 2] = 1
        target = np.full((8, 8, 6), -1, np.float32)
        target[..., 1] = 1
        return {"source": source, "target": target}


class Untrained:
    """A model that translates there and back."""

    source_columns = ("source", "and back")

    def samples(self, source, target):
        return {"source": source, "translated": target, "and back": source, "target": target}


def test_every_column_is_shown_as_its_sides_format_says(tmp_path):
    samples = SampleGrid(
        tmp_path,
        Masks(),
        formats=Formats(
            PictureFormat(classes=((9, 0, 0), (0, 9, 0), (40, 80, 120))),
            PictureFormat(6, "uint16", (0.0,), (4095.0,)),
        ),
    )
    samples.set_model(Untrained())
    samples.on_epoch_end(0)
    grid = read_picture(tmp_path / "epoch-0001.png")
    label, bands = [40, 80, 120], [0, 255, 0]
    shown = [grid[100, 8 + 96 + 200 * column].tolist() for column in range(4)]
    assert shown == [label, bands, label, bands]


@pytest.mark.parametrize("options", [{"count": 0}, {"every": 0}])
def test_refuses_nonsense(options, pictures, tmp_path):
    with pytest.raises(ValueError, match="must be 1 or more"):
        SampleGrid(tmp_path, pictures(3), **options)


def test_refuses_an_empty_test_set(pictures, tmp_path):
    with pytest.raises(ValueError, match="no examples"):
        SampleGrid(tmp_path, pictures(0))
