"""Pictures that are read, translated and written a band of tiles at a time."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from format_values import values

from zoo.errors import DataError
from zoo.pictures import Formats, PictureFormat, read_array, write_picture
from zoo.pictures.rows import ArrayRows
from zoo.translation.jobs import collect
from zoo.translation.tiling import TiledAxis
from zoo.translation.translator import Translator

SIZE = (32, 32)
LIMIT = 1000


@pytest.fixture
def _streamed(monkeypatch):
    """Have pictures of more than a thousand bytes count as large."""
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", LIMIT)


def shift(batch):
    return np.clip(batch * 0.9 + 0.05, -1, 1)


FORMATS = [
    PictureFormat(),
    PictureFormat("grey"),
    PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif"),
    PictureFormat("rgb", "uint16", (0.0,), (65535.0,)),
    PictureFormat(6, "float32", (-5.0,) * 6, (10.0, 100.0, 1e3, 1e4, 3e4, 6e4), suffix=".npy"),
    PictureFormat(classes=(7, 3, 200)),
    PictureFormat(classes=((255, 0, 0), (0, 255, 0), (0, 0, 9))),
]


@pytest.mark.parametrize("suffix", [".tif", ".npy"])
@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_a_large_picture_becomes_what_a_small_one_does(form, suffix, tmp_path, monkeypatch):
    given = tmp_path / f"a{suffix}"
    picture = values(form, 90, 131)
    write_picture(given, picture)
    translator = Translator(shift, SIZE, batch_size=4, alignment=4, formats=Formats(form, form))
    whole = translator(picture)
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", LIMIT)
    jobs = collect([given], tmp_path / "out", formats=Formats(form, form))
    assert jobs == [(given, tmp_path / "out" / "a.tif")]
    assert list(translator.translate_files(jobs)) == jobs
    again = read_array(tmp_path / "out" / "a.tif")
    assert again.dtype == form.dtype
    np.testing.assert_array_equal(again, whole)
    with tifffile.TiffFile(tmp_path / "out" / "a.tif") as tiff:
        assert tiff.pages.first.is_tiled


@pytest.mark.usefixtures("_streamed")
def test_no_more_rows_are_read_than_a_tile_has_and_none_twice(monkeypatch):
    picture = np.random.default_rng(0).integers(0, 256, (300, 70, 3), np.uint8)
    read = []
    plain = ArrayRows.read

    def noting(self, top, below, left, right):
        read.append((top, below))
        return plain(self, top, below, left, right)

    monkeypatch.setattr(ArrayRows, "read", noting)
    translated = Translator(lambda batch: batch, SIZE)(picture)
    np.testing.assert_array_equal(translated, picture)
    axis = TiledAxis(300, 32, 0.25)
    assert len(read) == len(axis.starts)
    assert [top for top, _ in read] == [0, *(below for _, below in read[:-1])]
    assert max(below - top for top, below in read) == 32


@pytest.mark.usefixtures("_streamed")
def test_what_says_where_on_earth_it_is_goes_over(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    tags = [
        (33550, 12, 3, (10.0, 10.0, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 500000.0, 5500000.0, 0.0), True),
        (34735, 3, 8, (1, 1, 0, 1, 1024, 0, 1, 1), True),
        (34736, 12, 2, (6378137.0, 298.25), True),
        (34737, 2, None, "WGS 84 / UTM zone 32N|", True),
    ]
    form = PictureFormat(suffix=".tif")
    for name, size in (("large.tif", 40), ("small.tif", 5)):
        tifffile.imwrite(tmp_path / name, picture[:size, :size], photometric="rgb", extratags=tags)
    jobs = collect(
        [tmp_path / "large.tif", tmp_path / "small.tif"],
        tmp_path / "out",
        formats=Formats(target=form),
    )
    list(Translator(shift, SIZE, formats=Formats(target=form)).translate_files(jobs))
    for name in ("large.tif", "small.tif"):
        with (
            tifffile.TiffFile(tmp_path / name) as given,
            tifffile.TiffFile(tmp_path / "out" / name) as written,
        ):
            for code, *_ in tags:
                assert written.pages.first.tags[code].value == given.pages.first.tags[code].value
            assert 34264 not in written.pages.first.tags


@pytest.mark.usefixtures("_streamed")
def test_a_large_picture_of_another_format_is_told_before_anything_is_written(tmp_path):
    write_picture(tmp_path / "a.tif", np.zeros((50, 50), np.uint16))
    with pytest.raises(DataError, match=r"a\.tif has values of 16 bits; expected 8 bits$"):
        collect([tmp_path / "a.tif"], tmp_path / "out")


@pytest.mark.usefixtures("_streamed")
def test_a_large_picture_whose_end_is_broken_leaves_nothing(tmp_path):
    form = PictureFormat(classes=(1, 2), suffix=".tif")
    labels = np.ones((90, 90, 1), np.uint8)
    labels[-1, -1] = 9
    write_picture(tmp_path / "a.tif", labels)
    jobs = collect([tmp_path / "a.tif"], tmp_path / "out", formats=Formats(source=form))
    translator = Translator(lambda batch: batch[..., :1], SIZE, formats=Formats(source=form))
    with pytest.raises(
        DataError, match=r"a\.tif has pixels of the value 9, which is none of its 2 classes$"
    ):
        list(translator.translate_files(jobs))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("_streamed")
def test_pictures_large_and_small_follow_each_other(tmp_path):
    random = np.random.default_rng(0)
    pictures = {
        f"{index}.tif": random.integers(0, 256, (side, side, 3), np.uint8)
        for index, side in enumerate([5, 90, 7, 100, 70, 9])
    }
    for name, picture in pictures.items():
        write_picture(tmp_path / name, picture)
    jobs = collect([tmp_path], tmp_path / "out")
    done = list(Translator(lambda batch: batch, SIZE, batch_size=7).translate_files(jobs))
    assert [written.name for _, written in done] == [
        "0.png", "1.tif", "2.png", "3.tif", "4.tif", "5.png",
    ]  # fmt: skip
    for source, written in done:
        np.testing.assert_array_equal(read_array(written), pictures[source.name])


@pytest.mark.usefixtures("_streamed")
def test_progress_is_told_by_bands_of_tiles(tmp_path):
    write_picture(tmp_path / "a.tif", np.zeros((80, 40, 3), np.uint8))
    told = []
    jobs = collect([tmp_path / "a.tif"], tmp_path / "out")
    list(Translator(shift, SIZE).translate_files(jobs, lambda *said: told.append(said)))
    assert told == [(tmp_path / "a.tif", done, 3) for done in (1, 2, 3)]


MEASURED = """
import resource, sys
from pathlib import Path
import numpy as np
import zoo.pictures.large
from zoo.pictures.tiff_tiles import write_tiled
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator

def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) >> 10

folder, side = Path(sys.argv[1]), int(sys.argv[2])
zoo.pictures.large.MOST_BYTES = 2**20
band = np.broadcast_to(np.arange(side, dtype=np.uint8)[:, None] // 32, (256, side, 3))
write_tiled(folder / "a.tif", (band for _ in range(side // 256)), side, side)
before = peak()
jobs = collect([folder / "a.tif"], folder / "out")
list(Translator(lambda batch: -batch, (256, 256), batch_size=4).translate_files(jobs))
print(peak() - before, jobs[0][1].name)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_memory_taken_is_that_of_a_band_and_not_of_the_picture(tmp_path):
    side = 9216  # 243 MB, and 972 in float32
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path), str(side)],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
    ).stdout.split()
    assert told[1] == "a.tif"
    # The band of tiles in float32 takes 28 MB.
    assert int(told[0]) < 200, told
