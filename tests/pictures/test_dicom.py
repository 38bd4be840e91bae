"""DICOM files: values in their units, frames as pages, and what is said where pydicom is missing."""

import builtins
from pathlib import Path

import numpy as np
import pytest
import tifffile

from zoo.errors import DataError
from zoo.pictures import Formats, PictureFormat, read_array, read_header
from zoo.pictures.find import is_picture
from zoo.pictures.large import large_header
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator

pydicom = pytest.importorskip("pydicom")
STORED = np.random.default_rng(0).integers(0, 4096, (9, 7), np.uint16)
PLAIN = "1.2.840.10008.1.2.1"


def write(path, stored, *, bits=12, kind="MONOCHROME2", **more):
    """A file of stored values, (rows, columns) or (frames, rows, columns), or with samples behind."""
    data = pydicom.Dataset()
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = PLAIN
    data.SOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
    data.SOPInstanceUID = "1.2.3"
    colours = kind == "RGB"
    data.Rows, data.Columns = stored.shape[-3:-1] if colours else stored.shape[-2:]
    if stored.ndim > 2 + colours:
        data.NumberOfFrames = len(stored)
    data.SamplesPerPixel = 3 if colours else 1
    if colours:
        data.PlanarConfiguration = 0
    data.PhotometricInterpretation = kind
    data.BitsAllocated = 8 * stored.dtype.itemsize
    data.BitsStored, data.HighBit = bits, bits - 1
    data.PixelRepresentation = int(stored.dtype.kind == "i")
    data.PixelData = stored.tobytes()
    for name, value in more.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return path


def read(path):
    array, header = read_array(path), read_header(path)
    assert (header.height, header.width, header.channels, header.dtype) == (
        *array.shape, str(array.dtype),
    )  # fmt: skip
    return array


@pytest.mark.parametrize(
    ("slope", "intercept", "dtype"),
    [
        ("1", "-1024", "int16"),
        ("2", "-100", "int16"),
        ("0.5", "-1024", "float32"),
        ("1", "30000", "float32"),
        (None, None, "uint16"),
    ],
)
def test_values_are_in_their_units(slope, intercept, dtype, tmp_path):
    scale = {"RescaleSlope": slope, "RescaleIntercept": intercept} if slope else {}
    array = read(write(tmp_path / "a.dcm", STORED, **scale))
    assert array.dtype == dtype
    wanted = STORED * float(slope or 1) + float(intercept or 0)
    np.testing.assert_array_equal(array[..., 0], wanted)


def test_all_that_signed_bits_can_hold_is_kept(tmp_path):
    stored = np.array([[-32768, 0, 32767]], np.int16)
    scale = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    array = read(write(tmp_path / "a.dcm", stored, bits=16, **scale))
    assert array.dtype == np.float32
    assert array.ravel().tolist() == [-33792, -1024, 31743]


def test_a_picture_whose_lowest_value_is_white_is_inverted(tmp_path):
    array = read(write(tmp_path / "a.dcm", STORED, kind="MONOCHROME1"))
    np.testing.assert_array_equal(array[..., 0], 4095 - STORED)


def test_colours_are_colours(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    np.testing.assert_array_equal(
        read(write(tmp_path / "a.dcm", colours, bits=8, kind="RGB")), colours
    )


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "examples_palette.dcm", "SC_rgb_rle_2frame.dcm", "MR_small_bigendian.dcm"]
)  # fmt: skip
def test_files_that_come_with_pydicom_are_read(name):
    path = pydicom.data.get_testdata_file(name, download=False)
    array = read(Path(path))
    if name == "CT_small.dcm":
        assert (array.dtype, array.min(), array.max()) == (np.float32, -896, 1167)


def test_frames_are_pages(tmp_path):
    frames = np.random.default_rng(0).integers(0, 4096, (5, 20, 30), np.uint16)
    path = write(tmp_path / "a.dcm", frames, RescaleSlope=1, RescaleIntercept=-1000)
    assert is_picture(path)
    assert (read_header(path).pages, large_header(path)) == (5, None)
    form = PictureFormat(1, "int16", (-1000.0,), (3095.0,), suffix=".tif")
    jobs = collect([path], tmp_path / "out", formats=Formats(form, form))
    translator = Translator(lambda batch: batch, (16, 16), formats=Formats(form, form))
    assert list(translator.translate_files(jobs)) == [(path, tmp_path / "out" / "a.tif")]
    pages = tifffile.imread(tmp_path / "out" / "a.tif")
    np.testing.assert_array_equal(pages, frames.astype(int) - 1000)
    with pytest.raises(DataError, match=r"a\.dcm has 5 pages; expected one picture: save each"):
        form.read(path)


def refused(path):
    with pytest.raises(DataError) as from_header:
        read_header(path)
    with pytest.raises(DataError) as told:
        read_array(path)
    assert str(from_header.value) == str(told.value)
    return str(told.value).removeprefix(f"{path} ")


def test_what_cannot_be_read_is_told(tmp_path):
    path = write(tmp_path / "a.dcm", STORED, kind="HSV")
    assert refused(path) == (
        "cannot be read as a picture: its photometric interpretation is HSV; expected grey values or colours"
    )
    path = write(tmp_path / "a.dcm", STORED, Rows=30_000, Columns=30_000)
    assert "its 30000 x 30000 pixels would take 1,716 MB of memory" in refused(path)
    data = pydicom.dcmread(pydicom.data.get_testdata_file("image_dfl.dcm", download=False))
    data.save_as(tmp_path / "b.dcm")
    assert refused(tmp_path / "b.dcm") == (
        "cannot be read as a picture: its data set is deflated as a whole; save it in another transfer syntax"
    )
    path = write(tmp_path / "c.dcm", STORED)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"c\.dcm cannot be read as a picture: it is damaged or"):
        read_array(path)


def test_compressed_pixels_that_need_more_are_told():
    path = Path(pydicom.data.get_testdata_file("JPGExtended.dcm", download=False))
    with pytest.raises(DataError) as told:
        read_array(path)
    assert str(told.value) == (
        f"{path} cannot be read as a picture: its pixels are compressed as JPEG Extended (Process 2 and 4), which "
        "pydicom and Pillow alone do not decode; save it uncompressed, such as with gdcmconv --raw"
    )


def test_without_pydicom_it_says_what_to_install(tmp_path, monkeypatch):
    path = write(tmp_path / "a.dcm", STORED)
    imported = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "pydicom":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert refused(path) == (
        "is a DICOM file, which needs the package pydicom: pip install 'pix2pix-zoo[dicom]'"
    )
