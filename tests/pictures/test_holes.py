"""Pixels without a value: known by GDAL's tag, by NaN and by the format, and never mixed with heights."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from zoo.data.inspection.inspect import inspect
from zoo.data.preparation import preparation_of
from zoo.errors import DataError
from zoo.pictures import Formats, PictureFormat, read_header
from zoo.pictures.holes import nodata_of
from zoo.pictures.settings import FormatSettings, format_of
from zoo.translation.translator import Translator

HEIGHTS = PictureFormat(1, "int16", (0.0,), (2999.0,), suffix=".tif", nodata=-9999.0)


def elevation(nodata=-9999):
    """Return 64 x 64 heights from 17 to 2,999 m, and 64 holes."""
    picture = np.linspace(0, 2999, 64 * 64).reshape(64, 64).astype("int16")
    picture[:8, :8] = nodata
    return picture


def save(path, picture=None, nodata="-9999", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = elevation() if picture is None else picture
    tifffile.imwrite(path, picture, extratags=[(42113, "s", 0, nodata, True)], **options)
    return path


def tag_of(path):
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages.first.tags.get(42113)
        return None if tag is None else tag.value


@pytest.mark.parametrize(
    ("text", "dtype", "value"),
    [
        ("-9999", "int16", -9999.0),
        ("-9999", "uint8", None),
        ("0.5", "int16", None),
        ("nan", "float32", None),
        ("-3.4028234663852886e+38", "float32", float(np.finfo("float32").min)),
        ("-3.40282347e+38\0", "float32", float(np.finfo("float32").min)),
        ("0.1", "float32", float(np.float32(0.1))),
        ("none", "float32", None),
        (None, "int16", None),
    ],
)
def test_a_tag_names_a_value_that_the_type_has(text, dtype, value):
    assert nodata_of(text, dtype) == value


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}], ids=str)
def test_headers_tell_the_tag(options, tmp_path):
    assert read_header(save(tmp_path / "a.tif", **options)).nodata == -9999
    assert PictureFormat(1, "int16").read(tmp_path / "a.tif").shape == (64, 64, 1)


def test_a_picture_that_pillow_reads_has_the_tag_too(tmp_path):
    picture = Image.fromarray(np.full((16, 16, 3), 200, np.uint8))
    picture.save(tmp_path / "a.tif", compression="tiff_lzw", tiffinfo={42113: "200"})
    assert read_header(tmp_path / "a.tif").nodata == 200
    np.testing.assert_array_equal(PictureFormat(nodata=3.0).read(tmp_path / "a.tif"), 3)


def test_statistics_and_the_proposal_leave_holes_out(tmp_path, zoo_command):
    for side in "AB":
        save(tmp_path / "pairs" / side / "0.tif")
    found = inspect(tmp_path / "pairs")
    (a, b) = found.statistics
    valid = elevation()[elevation() != -9999].astype(float)
    (channel,) = a.channels
    assert (channel.least, channel.most) == (valid.min(), valid.max()) == (5.0, 2999.0)
    np.testing.assert_allclose([channel.mean, channel.deviation], [valid.mean(), valid.std()])
    np.testing.assert_allclose(
        [channel.low, channel.high], np.percentile(valid, [0.5, 99.5]), rtol=0.01
    )
    assert (a.nodata, a.holes, b.holes, a.not_finite) == (-9999, 64, 64, 0)
    told = json.loads(zoo_command("data", "inspect", "pairs", "--json").stdout)
    assert told["proposal"]["dataset"]["source_format"]["nodata"] == -9999
    assert told["proposal"]["dataset"]["target_format"]["masked"] is True
    assert (
        "A: 64 values are -9999, which the files' tag (42113) names as nodata; they are holes, and no part of the "
        "statistics" in told["notes"]
    )


def test_holes_are_no_class_of_a_label_map(tmp_path):
    labels = np.random.default_rng(0).integers(0, 3, (64, 64)).astype("int16")
    labels[:8, :8] = -9999
    save(tmp_path / "a.tif", labels)
    (summary,) = inspect(tmp_path / "a.tif").statistics
    assert summary.labels == (0, 1, 2)
    stored = PictureFormat(dtype="int16", classes=(0, 1, 2)).read(tmp_path / "a.tif")
    np.testing.assert_array_equal(stored[..., 0] == 255, labels == -9999)


@pytest.mark.parametrize(
    ("settings", "nodata"),
    [({}, -9999.0), ({"nodata": -1.0}, -1.0)],
)
def test_a_format_takes_the_value_of_the_tag_unless_it_is_stated(settings, nodata, tmp_path):
    """Percentiles, too, are those of the heights, whichever value marks the holes in files."""
    files = [save(tmp_path / "a.tif")]
    stated = FormatSettings(channels=1, percentiles=(0.0, 100.0), **settings)
    form = format_of(stated, files, "target_format")
    assert form.nodata == nodata
    assert (form.low, form.high) == ((5.0,), (2999.0,))
    stored = form.read(files[0])
    np.testing.assert_array_equal(stored[..., 0], elevation(int(nodata)))
    assert PictureFormat.from_json(json.loads(json.dumps(form.as_json()))) == form


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [
        (
            {"nodata": 70000.0},
            "source_format",
            "source_format.nodata is 70000, which no value of int16 is; leave it out",
        ),
        (
            {"masked": True},
            "target_format",
            "target_format.masked leaves holes out, but no value marks any: set target_format.nodata to the value "
            "that does",
        ),
        (
            {"masked": True},
            "source_format",
            "masked leaves holes of targets out of losses; set it in target_format",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(settings, key, message, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", elevation(0))
    stated = FormatSettings(channels=1, range=(0.0, 2999.0), **settings)
    with pytest.raises(DataError) as caught:
        format_of(stated, [tmp_path / "a.tif"], key)
    assert str(caught.value) == message


@pytest.mark.parametrize(("fill", "seen"), [(None, -1.0), (2999.0, 1.0), (-5.0, -1.0)])
def test_a_network_sees_the_fill_value_in_a_hole(fill, seen):
    form = PictureFormat(1, "int16", (0.0,), (2999.0,), nodata=-9999.0, fill=fill)
    values = form.to_network(elevation()[..., None])
    np.testing.assert_array_equal(values[:8, :8], seen)
    floats = PictureFormat(1, "float32", (0.0,), (2999.0,), fill=fill)
    measured = np.where(elevation() == -9999, np.nan, elevation()).astype("f4")[..., None]
    np.testing.assert_array_equal(floats.to_network(measured), values)


def test_a_channel_without_a_value_is_filled_by_itself_and_colours_mixed_of_it_are_a_hole():
    picture = np.array([[[7, 100, 100], [7, 7, 7], [50, 50, 50]]], np.uint8)
    colours = PictureFormat(nodata=7.0, fill=255.0)
    expected = [[[1, 100 / 127.5 - 1, 100 / 127.5 - 1], [1] * 3, [50 / 127.5 - 1] * 3]]
    np.testing.assert_allclose(colours.to_network(picture), expected, atol=1e-6)
    grey = PictureFormat("grey", nodata=7.0).as_stored(picture)
    np.testing.assert_array_equal(grey[..., 0], [[7, 7, 50]])
    clear = np.array([[[7, 0], [9, 255]]], np.uint8)
    np.testing.assert_array_equal(
        PictureFormat("grey", nodata=7.0).as_stored(clear)[..., 0], [[7, 9]]
    )


def test_what_is_painted_is_never_taken_for_a_hole():
    form = PictureFormat("grey", nodata=0.0)
    ramp = form.to_network(np.arange(256, dtype=np.uint8).reshape(16, 16, 1))
    ramp[0, 0] = -1
    written = form.from_network(ramp)
    np.testing.assert_array_equal(written.ravel(), [1, *range(1, 256)])
    holes = np.zeros((16, 16, 1), bool)
    holes[5, 5] = True
    assert form.from_network(ramp, holes)[5, 5] == 0


@pytest.mark.parametrize("size", [16, 48, 100], ids=["far_smaller", "smaller", "larger"])
@pytest.mark.parametrize("random", [None, 5])
def test_no_hole_is_mixed_into_heights(size, random):
    """Heights of 1,000 m stay such beside holes, however pictures are resized and turned."""
    picture = np.full((64, 64, 1), 1000, np.int16)
    picture[:9, 3:20] = picture[40, 40] = -9999
    form = PictureFormat(1, "int16", (0.0,), (2000.0,), nodata=-9999.0, fill=2000.0, masked=True)
    preparation = preparation_of(size=size, rotate=20.0, scale=0.3, turns=True)
    chance = None if random is None else np.random.default_rng(random)
    (shown,), (mask,) = preparation.with_masks([picture], [form], chance)
    assert mask.shape == (size, size, 1)
    assert mask.dtype == np.float32
    np.testing.assert_array_equal(shown[mask == 1], 0)
    np.testing.assert_array_equal(shown[mask == 0], 1)
    assert (mask == 0).any()


def test_a_picture_without_a_value_is_all_fill():
    form = PictureFormat(1, "float32", (0.0,), (1.0,), fill=0.5, masked=True)
    empty = np.full((8, 8, 1), np.nan, np.float32)
    (shown,), (mask,) = preparation_of(size=4).with_masks([empty], [form], None)
    np.testing.assert_array_equal(shown, np.zeros((4, 4, 1)))
    np.testing.assert_array_equal(mask, np.zeros((4, 4, 1)))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("size", [(64, 64), (32, 24), (80, 80)], ids=str)
def test_holes_are_holes_again_in_what_is_written(size, streamed, tmp_path, monkeypatch):
    if streamed:
        monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", 1000)
    save(tmp_path / "a.tif", compression="zlib", tile=(16, 16))
    translator = Translator(
        lambda batch: batch * 0.5, size, formats=Formats(HEIGHTS, HEIGHTS), batch_size=3
    )
    list(translator.translate_files([(tmp_path / "a.tif", tmp_path / "out.tif")]))
    written = tifffile.imread(tmp_path / "out.tif")
    holes = elevation() == -9999
    np.testing.assert_array_equal(written == -9999, holes)
    assert written[~holes].min() >= 0
    assert written.dtype == np.int16
    assert tag_of(tmp_path / "out.tif") == "-9999"


def test_holes_of_floats_are_nan_and_every_channel_has_to_lack_a_value():
    form = PictureFormat(2, "float32", (0.0,), (1.0,))
    picture = np.full((8, 8, 2), 0.5, np.float32)
    picture[0, 0] = picture[1, 1, 0] = np.nan
    written = Translator(lambda batch: batch, (8, 8), formats=Formats(form, form))(picture)
    np.testing.assert_array_equal(np.isnan(written[..., 0]), np.isnan(picture).all(axis=-1))
    assert written[1, 1].tolist() == [0, 0.5]


def test_a_file_whose_tag_the_format_does_not_know_is_filled(tmp_path):
    save(tmp_path / "a.tif")
    form = PictureFormat(1, "int16", (100.0,), (2999.0,), suffix=".tif")
    stored = form.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(stored[:8, :8], 100)
    assert form.tags == ()
