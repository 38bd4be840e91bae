"""Large pictures are worked on in bands of rows; the result is that of the whole."""

import io

import numpy as np
import pytest
from PIL import Image

from zoo.pictures import PictureFormat, Stream, bands, read_array
from zoo.pictures.bands import in_bands

COLOURS = np.random.default_rng(0).integers(0, 256, (13, 7, 4), np.uint8)


@pytest.fixture
def banded(monkeypatch):
    """Two rows a band; the last has one."""

    def begin():
        monkeypatch.setattr(bands, "PIXELS", 15)

    return begin


def test_a_band_has_no_more_than_its_share_of_pixels(banded):
    asked = []

    def rows(top, below):
        asked.append((top, below))
        return COLOURS[top:below]

    np.testing.assert_array_equal(in_bands(rows, 13, 7), COLOURS)
    assert asked == [(0, 13)]
    banded()
    asked.clear()
    np.testing.assert_array_equal(in_bands(rows, 13, 7), COLOURS)
    assert asked == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 13)]
    # A row that is wider than a band is not divided.
    assert in_bands(lambda top, below: COLOURS[top:below, :, 0], 13, 99).shape == (13, 7)


@pytest.mark.parametrize(
    ("form", "picture"),
    [
        (PictureFormat(), COLOURS),
        (PictureFormat(), COLOURS[..., :2]),
        (PictureFormat(), COLOURS[..., :1]),
        (PictureFormat("grey"), COLOURS),
        (PictureFormat("grey"), COLOURS[..., :3]),
        (PictureFormat(classes=(0, 1, 2)), COLOURS[..., :1] % 3),
        (PictureFormat(classes=((0, 0, 0), (1, 1, 1))), np.repeat(COLOURS[..., :1] % 2, 3, axis=2)),
    ],
)
def test_channels_in_bands(banded, form, picture):
    whole = form.as_stored(picture)
    banded()
    np.testing.assert_array_equal(form.as_stored(picture), whole)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "RGB", "RGBA", "P", "P transparent", "CMYK", "I;16"]
)
def test_files_in_bands(banded, mode, indexed):
    options = {}
    if mode == "I;16":
        picture = Image.fromarray(COLOURS[..., 0].astype(np.uint16) * 257)
    elif mode.startswith("P"):
        picture = Image.fromarray(COLOURS[..., :3]).quantize(16)
        options = {"transparency": 3} if mode == "P transparent" else {}
    else:
        picture = Image.fromarray(COLOURS).convert(mode)
    file = io.BytesIO()
    picture.save(file, "TIFF" if mode in ("CMYK", "I;16") else "PNG", **options)
    whole = read_array(Stream.of(file.getvalue(), "x"), indexed=indexed)
    assert whole.shape[:2] == (13, 7)
    banded()
    np.testing.assert_array_equal(
        read_array(Stream.of(file.getvalue(), "x"), indexed=indexed), whole
    )
