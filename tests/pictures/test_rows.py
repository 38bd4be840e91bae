"""Parts of large files are what reading the whole file would give."""

import re
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tifffile

from zoo.errors import DataError
from zoo.pictures import read_array
from zoo.pictures.large import large_header, open_rows
from zoo.pictures.tiff_rows import TiffRows
from zoo.pictures.tiff_tiles import write_tiled

BIG_ENDIAN = ">" if sys.byteorder == "little" else "<"


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch):
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", 0)


def values(*shape, dtype="uint8"):
    random = np.random.default_rng(0)
    if np.dtype(dtype).kind == "f":
        return random.normal(size=shape).astype(dtype)
    return random.integers(0, 255, shape).astype(dtype)


def check_parts(path):
    whole = read_array(path)
    header = large_header(path)
    assert (header.height, header.width, header.channels) == whole.shape
    height, width = whole.shape[:2]
    with open_rows(path) as rows:
        tops = [0, height // 3, height // 2, height]
        for top, below in pairwise(tops):
            part = rows.read(top, below, 0, width)
            assert part.dtype == whole.dtype
            np.testing.assert_array_equal(part, whole[top:below])
        for window in [(0, 5, 3, 9), (height - 7, height, width - 20, width), (20, 60, 10, 50)]:
            top, below, left, right = window
            np.testing.assert_array_equal(rows.read(*window), whole[top:below, left:right])
        return rows


TIFFS: dict[str, dict[str, Any]] = {
    "tiles": {"tile": (16, 32), "compression": "zlib"},
    "tiles with a predictor": {"tile": (16, 32), "compression": "zlib", "predictor": True},
    "tiles of raw values": {"tile": (32, 16)},
    "tiles in planes": {"tile": (16, 16), "compression": "zlib", "planarconfig": "separate"},
    "strips": {"rowsperstrip": 7, "compression": "zlib"},
    "strips in planes": {"rowsperstrip": 7, "compression": "zlib", "planarconfig": "separate"},
    "one strip": {"compression": "zlib", "rowsperstrip": 71},
    "raw": {},
    "raw planes": {"planarconfig": "separate"},
    "big-endian": {"byteorder": BIG_ENDIAN},
    "big-endian tiles": {"byteorder": BIG_ENDIAN, "tile": (16, 16), "compression": "zlib"},
    "BigTIFF": {"bigtiff": True, "tile": (16, 16), "compression": "zlib"},
}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("kind", TIFFS)
def test_parts_of_tiff_files_are_those_of_the_whole(kind, dtype, tmp_path):
    options = dict(TIFFS[kind])
    separate = options.get("planarconfig") == "separate"
    picture = values(*((3, 71, 83) if separate else (71, 83, 3)), dtype=dtype)
    writing = {name: options.pop(name) for name in ("byteorder", "bigtiff") if name in options}
    tifffile.imwrite(tmp_path / "a.tif", picture, photometric="rgb", **writing, **options)
    check_parts(tmp_path / "a.tif")


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 5])
def test_parts_of_measured_channels_are_those_of_the_whole(dtype, channels, tmp_path):
    picture = values(71, 83, channels, dtype=dtype)
    tifffile.imwrite(
        tmp_path / "a.tif",
        picture if channels > 1 else picture[..., 0],
        photometric="minisblack",
        planarconfig="contig" if channels > 1 else None,
        tile=(16, 16),
        compression="zlib",
    )
    check_parts(tmp_path / "a.tif")


@pytest.mark.parametrize("options", [{}, {"tile": (16, 16), "compression": "zlib"}])
def test_pages_are_channels(options, tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for page in values(4, 71, 83, dtype="uint16"):
            tiff.write(page, photometric="minisblack", **options)
    check_parts(tmp_path / "a.tif")


def test_pieces_that_reach_into_the_next_rows_are_not_decoded_again(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", values(64, 64), tile=(16, 16), compression="zlib")
    with open_rows(tmp_path / "a.tif") as rows:
        assert isinstance(rows, TiffRows)
        decoded = []
        file = rows.file

        class Counting:
            def read_segments(self, places, sizes, numbers):
                decoded.extend(numbers)
                return file.read_segments(places, sizes, numbers)

        counted = TiffRows(rows.path, Counting(), rows.planes)
        for top in range(0, 60, 10):
            counted.read(top, top + 10, 0, 64)
        assert sorted(decoded) == list(range(16))
        assert len(rows.planes[0].decoded) == 4


def test_a_piece_that_a_sparse_file_leaves_out_is_zero(tmp_path):
    tiles = [np.full((16, 16), 7, np.uint8), None, None, np.full((16, 16), 9, np.uint8)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        iter(tiles),
        shape=(32, 32),
        dtype="uint8",
        tile=(16, 16),
        compression="zlib",
    )
    with open_rows(tmp_path / "a.tif") as rows:
        whole = rows.read(0, 32, 0, 32)[..., 0]
    assert whole[::16, ::16].tolist() == [[7, 0], [0, 9]]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", BIG_ENDIAN + "u2", "bool"])
@pytest.mark.parametrize("shape", [(71, 83), (71, 83, 3)])
def test_parts_of_numpy_files_are_those_of_the_whole(shape, dtype, order, tmp_path):
    np.save(
        tmp_path / "a.npy",
        np.asarray(values(*shape) > 100 if dtype == "bool" else values(*shape), dtype, order),
    )
    check_parts(tmp_path / "a.npy")


def test_compressed_pieces_that_are_as_large_as_the_picture_are_refused(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", values(71, 83), compression="zlib", rowsperstrip=71)
    monkeypatch.setattr("zoo.pictures.tiff_rows.MOST_BYTES", 4000)
    with (
        pytest.raises(
            DataError,
            match=r"a\.tif cannot be read as a picture: its pixels lie in pieces of 0 MB; save it as a "
            r"tiled TIFF, such as of 256 x 256 pixels$",
        ),
        open_rows(tmp_path / "a.tif"),
    ):
        pass


def test_rows_wider_than_memory_are_refused(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", values(4, 2000))
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES_A_ROW", 1999)
    with pytest.raises(
        DataError, match=r"its rows of 2,000 pixels take more than the 0 MB that one may"
    ):
        large_header(tmp_path / "a.npy")


def test_a_damaged_piece_is_told_with_the_file(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, values(64, 64), tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path) as tiff:
        place = tiff.pages.first.dataoffsets[3]
    content = bytearray(path.read_bytes())
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)
    with (
        open_rows(path) as rows,
        pytest.raises(
            DataError,
            match=rf"^{re.escape(str(path))} cannot be read as a picture: it is damaged or incomplete",
        ),
    ):
        rows.read(0, 16, 0, 64)


# === Writing ===


@pytest.mark.parametrize("shape", [(1, 1), (256, 256), (300, 517), (700, 100)])
@pytest.mark.parametrize(
    ("channels", "dtype"), [(1, "uint8"), (3, "uint8"), (4, "uint16"), (6, "float32"), (2, "int16")]
)
def test_what_is_written_in_bands_is_read_again(shape, channels, dtype, tmp_path):
    picture = values(*shape, channels, dtype=dtype)
    path = tmp_path / "new" / "a.tif"
    bands = (picture[top : top + 47] for top in range(0, shape[0], 47))
    write_tiled(path, bands, *shape)
    again = read_array(path)
    assert again.dtype == dtype
    np.testing.assert_array_equal(again, picture)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.pages.first.is_tiled
        assert not tiff.is_bigtiff
    assert [file.name for file in path.parent.iterdir()] == ["a.tif"]


def test_a_file_that_may_need_it_is_a_bigtiff(tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.pictures.tiff_tiles.MOST_ORDINARY", 1000)
    write_tiled(tmp_path / "a.tif", [values(40, 40, 1)], 40, 40)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert tiff.is_bigtiff
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif"), values(40, 40, 1))


def test_a_file_that_fails_is_not_there(tmp_path):
    def failing():
        yield values(300, 40, 1)
        raise DataError("broken")

    with pytest.raises(DataError, match="broken"):
        write_tiled(tmp_path / "a.tif", failing(), 600, 40)
    assert list(tmp_path.iterdir()) == []
