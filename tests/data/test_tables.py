"""Pictures in the rows of tables: read without files, and decoded once."""

import tempfile

import numpy as np
import pytest
import tifffile

from zoo.data.preparation import Preparation
from zoo.data.tables import TableDataset
from zoo.errors import DataError
from zoo.pictures import FormatSettings, write_picture
from zoo.pictures.holes import nodata_tag

PLAIN = Preparation(8, 8, flip=False, jitter=0.0)


class Table:
    """Rows of the bytes of files, and how often each was asked for."""

    name = "train"

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def contents(self, row):
        return self.rows[row]


@pytest.fixture(autouse=True)
def no_files(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a temporary file")

    for name in ("TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, refuse)


def opened(table, source=None, target=None, **more):
    settings = (source or FormatSettings(), target or FormatSettings())
    return TableDataset("tiny", settings, PLAIN, 0.5, cache=False).pairs(
        table, None, "pairs", **more
    )


def content(path, picture, **options):
    if path.suffix == ".tif":
        tifffile.imwrite(path, picture, **options)
    else:
        write_picture(path, picture)
    return path.read_bytes()


def test_the_nodata_tag_of_tiff_files_in_a_table_marks_holes(tmp_path):
    heights = np.full((8, 8), 1000, np.int16)
    heights[:2, :2] = -1
    colours = content(tmp_path / "x.png", np.zeros((8, 8, 3), np.uint8))
    file = content(tmp_path / "x.tif", heights, extratags=[nodata_tag(-1)])
    target = FormatSettings(channels=1, range=(0, 2000), masked=True)
    dataset = opened(Table([[colours, file]] * 4), target=target)
    assert dataset.formats.target.nodata == -1
    mask = dataset.train.example(0, None)["target_mask"][..., 0]
    np.testing.assert_array_equal(mask, heights >= 0)


def test_pictures_side_by_side_of_two_formats_are_decoded_once(tmp_path, monkeypatch):
    both = np.random.default_rng(0).integers(0, 256, (8, 16, 3), np.uint8)
    table = Table([[content(tmp_path / "x.png", both)]] * 4)
    dataset = opened(table, FormatSettings(channels="grey"), FormatSettings(), halves=(False, True))
    decoded = []
    from zoo.pictures import formats
    from zoo.pictures.read import decode

    monkeypatch.setattr(formats, "decode", lambda *given: decoded.append(given) or decode(*given))
    example = dataset.train.example(0, None)
    assert len(decoded) == 1
    assert (example["source"].shape, example["target"].shape) == ((8, 8, 1), (8, 8, 3))
    np.testing.assert_allclose(example["target"], both[:, 8:] / 127.5 - 1, atol=1e-6)


def test_rows_of_one_value_are_told_without_a_folder(tmp_path):
    flat = content(tmp_path / "x.png", np.full((8, 8), 7, np.uint16))
    wanted = FormatSettings(channels=1, percentiles=(1, 99))
    with pytest.raises(DataError) as caught:
        opened(Table([[flat, flat]] * 4), wanted, wanted)
    assert str(caught.value) == (
        "channel 1 of the pictures such as the source of row 0 has the same value, 7, at the percentiles 1 and 99; "
        "state a range, or percentiles further apart"
    )
