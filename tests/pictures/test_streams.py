"""A stream is read as the path of the same bytes is; reading changes nothing in the process."""

import io
import subprocess
import sys
import warnings

import numpy as np
import pytest
import tifffile
from pictures.test_read import values
from PIL import Image

from zoo.errors import DataError
from zoo.pictures import PictureFormat, Stream, read_array, read_header, write_picture
from zoo.pictures.holes import nodata_tag
from zoo.pictures.orientation import ORIENTATION

COLOURS = values("uint8", 3, (16, 24))
HEIGHTS = values("float32", 1, (16, 24))
HEIGHTS[2:4, 5:] = np.nan


def turned(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def by_pillow(path, picture=COLOURS, mode="RGB", **options):
    Image.fromarray(picture).convert(mode).save(path, **options)


def by_tifffile(path, picture, **options):
    tifffile.imwrite(path, picture, **options)


def as_dicom(path):
    pytest.importorskip("pydicom")
    from pictures.test_dicom import STORED, write

    write(path, STORED, RescaleSlope="0.5", RescaleIntercept="-1024")


FILES = {
    "8 bits.png": lambda path: write_picture(path, COLOURS),
    "16 bits.png": lambda path: write_picture(path, values("uint16", 3)),
    "palette.png": lambda path: by_pillow(path, mode="P"),
    "turned.jpg": lambda path: by_pillow(path, exif=turned(6)),
    "cmyk.jpg": lambda path: by_pillow(path, mode="CMYK"),
    "turned.webp": lambda path: by_pillow(path, exif=turned(3), lossless=True),
    "x.bmp": lambda path: by_pillow(path),
    "x.gif": lambda path: by_pillow(path),
    "turned.tif": lambda path: by_tifffile(path, COLOURS, extratags=[(274, "H", 1, 8, True)]),
    "lzw, turned.tif": lambda path: by_pillow(path, compression="tiff_lzw", tiffinfo={274: 5}),
    "nodata.tif": lambda path: by_tifffile(
        path, values("int16", 1)[..., 0], extratags=[nodata_tag(-9999)]
    ),
    "floats.tif": lambda path: write_picture(path, HEIGHTS),
    "pages.tif": lambda path: by_tifffile(path, values("uint16", 5), photometric="minisblack"),
    "x.npy": lambda path: write_picture(path, values("float64", 2)),
    "bool, by columns.npy": lambda path: np.save(path, np.asfortranarray(COLOURS > 99)),
    "x.dcm": as_dicom,
}


@pytest.mark.parametrize("name", FILES)
def test_a_stream_is_read_as_its_path_is(name, tmp_path):
    path = tmp_path / name
    FILES[name](path)
    stream = Stream.of(path.read_bytes(), "the picture")
    header = read_header(path)
    assert read_header(stream) == header
    for indexed in (False, True):
        array = read_array(path, indexed=indexed)
        again = read_array(stream, indexed=indexed)
        assert again.dtype == array.dtype
        np.testing.assert_array_equal(again, array)
    assert (header.height, header.width) == array.shape[:2]
    form = PictureFormat(header.channels, header.dtype, (0.0,), (1.0,), nodata=header.nodata)
    np.testing.assert_array_equal(form.read(stream), form.read(path))


def test_a_stream_of_an_open_file_is_read_from_its_beginning(tmp_path):
    write_picture(tmp_path / "x.png", COLOURS)
    stream = Stream("x", lambda: (tmp_path / "x.png").open("rb"))
    np.testing.assert_array_equal(read_array(stream), COLOURS)
    np.testing.assert_array_equal(read_array(stream), COLOURS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the picture is empty; expected a picture"),
        (b"text", "the picture is not a picture that can be read; expected JPEG, PNG,"),
        (
            b"\x93NUMPY",
            "the picture cannot be read as a picture: its header is not one of an array",
        ),
        (b"\xff\xd8\xff", "the picture is not a picture that can be read"),
    ],
)
def test_errors_name_the_stream(content, reason):
    for read in (read_header, read_array):
        with pytest.raises(DataError) as caught:
            read(Stream.of(content, "the picture"))
        assert str(caught.value).startswith(reason)


IMPORTED = """
import logging, warnings
from pathlib import Path
import cv2, tifffile
from PIL import Image

def state():
    levels = [logging.getLogger(name).level for name in ("tifffile", "pydicom", "PIL")]
    return (cv2.getNumThreads(), cv2.utils.logging.getLogLevel(), list(warnings.filters), levels,
        logging.getLogger("tifffile").filters[:], Image.MAX_IMAGE_PIXELS)

before = state()
import zoo.pictures
assert state() == before
for name in {names}:
    zoo.pictures.read_header(Path(name))
    zoo.pictures.read_array(Path(name))
assert state() == before
"""


def test_importing_and_reading_change_nothing_in_the_process(tmp_path):
    for name, write in FILES.items():
        if name != "x.dcm":
            write(tmp_path / name)
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    command = [sys.executable, "-c", IMPORTED.replace("{names}", repr(names))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_damaged_exif_and_many_pixels_are_no_warnings(tmp_path, monkeypatch):
    by_pillow(tmp_path / "x.jpg", exif=turned(6).tobytes()[:-4])
    content = (tmp_path / "x.jpg").read_bytes()
    # Without the resolution of JFIF, which Pillow would then look for in EXIF.
    content = content[:2] + content[20:] if content[6:10] == b"JFIF" else content
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert read_array(Stream.of(content, "x")).shape == (24, 16, 3)
        ours = len(told)
        Image.open(io.BytesIO(content)).close()
    kinds = {warning.category for warning in told[ours:]}
    assert (ours, kinds) == (0, {UserWarning, Image.DecompressionBombWarning})
