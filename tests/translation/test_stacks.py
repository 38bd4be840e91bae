"""TIFF files of several pages: pages stay pages, or are refused where one picture is expected."""

import numpy as np
import pytest
import tifffile
from data.pictures_on_disk import save_pairs
from PIL import Image

from zoo.data.folder import folder
from zoo.data.inspection.inspect import inspect
from zoo.errors import DataError
from zoo.pictures import Formats, PictureFormat, read_array, read_header
from zoo.pictures.settings import FormatSettings
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator

STACK = np.random.default_rng(0).integers(0, 65535, (5, 32, 32), np.uint16)
GREY = PictureFormat("grey", "uint16", (0.0,), (65535.0,))
PAGES = PictureFormat(5, "uint16", (0.0,), (65535.0,), suffix=".tif")


def at_once(path, stack):
    tifffile.imwrite(path, stack, photometric="minisblack")


def page_by_page(path, stack, **options):
    with tifffile.TiffWriter(path) as tiff:
        for page in stack:
            tiff.write(page, photometric="minisblack", **options)


def compressed(path, stack):
    page_by_page(path, stack, compression="zlib", tile=(16, 16), metadata=None)


def by_pillow(path, stack):
    first, *others = (Image.fromarray(page) for page in stack)
    first.save(path, save_all=True, append_images=others)


def by_imagej(path, stack):
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "ZYX"})


def translated(path, form, size=(16, 16), target=None):
    """Write what a network that changes nothing makes of a file; return its pages and where they lie."""
    out = path.parent / "out"
    jobs = collect([path], out, formats=Formats(form, target or form))
    assert jobs == [(path, out / "a.tif")]
    told = []
    translator = Translator(lambda batch: batch, size, formats=Formats(form, target or form))
    list(translator.translate_files(jobs, lambda *said: told.append(said[1:])))
    count = told[-1][1]
    assert told == [(done, count) for done in range(1, count + 1)]
    return tifffile.imread(out / "a.tif"), out / "a.tif"


@pytest.mark.parametrize("most_bytes", [2**28, 1000])
@pytest.mark.parametrize("form", [GREY, PAGES], ids=["pages each", "pages as channels"])
@pytest.mark.parametrize("write", [at_once, page_by_page, compressed, by_pillow, by_imagej])
def test_five_pages_stay_five_pages(write, form, most_bytes, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", most_bytes)
    write(tmp_path / "a.tif", STACK)
    header = read_header(tmp_path / "a.tif")
    assert (header.pages, header.channels, header.height, header.width) == (5, 5, 32, 32)
    pages, path = translated(tmp_path / "a.tif", form)
    with tifffile.TiffFile(path) as tiff:
        assert [page.samplesperpixel for page in tiff.pages] == [1] * 5
    assert pages.dtype == np.uint16
    np.testing.assert_array_equal(pages, STACK)
    np.testing.assert_array_equal(read_array(path), np.moveaxis(STACK, 0, -1))


def test_pages_of_colours_and_pages_larger_than_tiles(tmp_path):
    stack = np.random.default_rng(0).integers(0, 256, (3, 300, 40, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="rgb")
    pages, path = translated(tmp_path / "a.tif", PictureFormat(), size=(64, 32))
    np.testing.assert_array_equal(pages, stack)
    with tifffile.TiffFile(path) as tiff:
        assert [page.is_tiled for page in tiff.pages] == [True] * 3


def test_three_grey_pages_are_no_colours(tmp_path):
    stack = np.random.default_rng(0).integers(0, 256, (3, 20, 30), np.uint8)
    at_once(tmp_path / "a.tif", stack)
    pages, _ = translated(tmp_path / "a.tif", PictureFormat())
    np.testing.assert_array_equal(pages, stack[..., None].repeat(3, axis=-1))


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}])
def test_channels_of_microscopes_stay_with_their_page(options, tmp_path):
    stack = np.random.default_rng(0).integers(0, 65535, (2, 3, 20, 30), np.uint16)  # C, Z, Y, X
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        stack,
        photometric="minisblack",
        metadata={"axes": "CZYX"},
        **options,
    )
    (tmp_path / "a.ome.tif").rename(tmp_path / "a.tif")
    form = PictureFormat(2, "uint16", (0.0,), (65535.0,), suffix=".tif")
    pages, _ = translated(tmp_path / "a.tif", form)
    np.testing.assert_array_equal(pages, np.moveaxis(stack, 0, -1))


def test_planes_of_one_page_stay_channels(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack", planarconfig="separate")
    assert read_header(tmp_path / "a.tif").pages == 1
    picture, _ = translated(tmp_path / "a.tif", PAGES)
    np.testing.assert_array_equal(picture, np.moveaxis(STACK, 0, -1))


def test_pages_are_turned_upright(tmp_path):
    tags = [(274, "H", 1, 6, False)]
    tifffile.imwrite(tmp_path / "a.tif", STACK[:, :20], photometric="minisblack", extratags=tags)
    pages, _ = translated(tmp_path / "a.tif", GREY)
    np.testing.assert_array_equal(pages, np.rot90(STACK[:, :20], -1, axes=(1, 2)))


def test_a_stack_of_another_kind_is_told_before_anything_is_written(tmp_path):
    at_once(tmp_path / "a.tif", STACK)
    form = PictureFormat(4, "uint16", (0.0,), (65535.0,))
    with pytest.raises(DataError) as told:
        collect([tmp_path / "a.tif"], tmp_path / "out", formats=Formats(source=form))
    assert str(told.value) == (
        f"{tmp_path / 'a.tif'} has 5 pages, each of which has 1 channel; expected 4"
    )


# === Where one picture is expected ===


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_training_takes_no_stack_for_colours(count, verify, tmp_path):
    save_pairs(tmp_path, ["0", "1", "2"], (32, 32))
    stack = np.random.default_rng(0).integers(0, 256, (count, 32, 64), np.uint8)
    at_once(tmp_path / "x.tif", stack)
    with pytest.raises(DataError) as told:
        folder(path=str(tmp_path), size=32, verify=verify)
    assert (
        f"x.tif: has {count} pages; expected one picture: save each page as a file, or set channels to {count} if the "
        "pages are its channels\n"
    ) in str(told.value)


def test_training_takes_pages_for_channels_if_that_is_said(tmp_path):
    for name in "abc":
        at_once(tmp_path / f"{name}.tif", STACK.repeat(2, axis=2))
    form = FormatSettings(channels=5, range=(0.0, 65535.0))
    dataset = folder(path=str(tmp_path), size=32, source_format=form, target_format=form)
    assert dataset.train.example(0, None)["source"].shape == (32, 32, 5)


def test_inspect_says_what_pages_are_taken_for(tmp_path):
    for name in "abc":
        at_once(tmp_path / f"{name}.tif", STACK.repeat(2, axis=2)[:3])
    found = inspect(tmp_path)
    assert (
        "both: files of 3 pages; channels: 3 takes the pages for the channels of one picture; if each page is a "
        "picture, save each as a file"
    ) in found.notes
    assert found.pictures[0].modes == {"3 pages": 3}
    assert found.proposal.dataset["target_format"]["channels"] == 3
