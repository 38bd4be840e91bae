"""Files as they are: channels, types, orientation, palettes, alpha."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from zoo.errors import DataError
from zoo.pictures import Stream, find_pictures, read_array, read_header, write_picture


def values(dtype, channels, size=(7, 9)):
    random = np.random.default_rng(0)
    if np.dtype(dtype).kind == "f":
        return random.normal(size=(*size, channels)).astype(dtype)
    info = np.iinfo(dtype)
    return random.integers(info.min, info.max, (*size, channels), dtype, endpoint=True)


STORED = [
    ("uint8", 1, ".png"),
    ("uint8", 3, ".png"),
    ("uint8", 4, ".png"),
    ("uint16", 1, ".png"),
    ("uint16", 3, ".png"),
    ("uint8", 1, ".bmp"),
    ("uint8", 3, ".bmp"),
    *(
        (dtype, channels, ".tif")
        for dtype in ("uint8", "uint16")
        for channels in (1, 2, 3, 4, 6, 12)
    ),
    ("int16", 1, ".tif"),
    ("int32", 3, ".tif"),
    ("float32", 1, ".tif"),
    ("float32", 5, ".tif"),
    ("float64", 2, ".npy"),
    ("uint8", 7, ".npy"),
]


@pytest.mark.parametrize(("dtype", "channels", "suffix"), STORED)
def test_what_is_written_is_read_again(tmp_path, dtype, channels, suffix):
    path = tmp_path / f"x{suffix}"
    picture = values(dtype, channels)
    write_picture(path, picture)
    read = read_array(path)
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, picture)
    header = read_header(path)
    assert (header.height, header.width, header.channels, header.dtype) == (7, 9, channels, dtype)


def test_the_content_tells_the_kind_and_not_the_name(tmp_path):
    write_picture(tmp_path / "x.tif", values("uint16", 6))
    (tmp_path / "x.tif").rename(tmp_path / "x.jpg")
    assert read_array(tmp_path / "x.jpg").shape == (7, 9, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_exif_orientation_is_applied_as_pillow_does(tmp_path, orientation, mode):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    small = np.random.default_rng(1).integers(0, 256, (2, 3, 3), np.uint8)
    large = Image.fromarray(small).resize((48, 32), Image.Resampling.NEAREST).convert(mode)
    large.save(tmp_path / "x.jpg", exif=exif, quality=100, subsampling=0)
    with Image.open(tmp_path / "x.jpg") as opened:
        upright = ImageOps.exif_transpose(opened)
        wanted = np.asarray(upright if mode == "L" else upright.convert("RGB"))
    read = read_array(tmp_path / "x.jpg")
    header = read_header(tmp_path / "x.jpg")
    assert (header.height, header.width) == read.shape[:2] == wanted.shape[:2]
    np.testing.assert_allclose(read.astype(int), wanted.astype(int).reshape(read.shape), atol=2)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quick_way_reads_what_pillow_reads(kind, mode):
    content = io.BytesIO()
    small = Image.fromarray(values("uint8", 3, (8, 8))).resize((64, 48)).convert(mode)
    small.save(content, kind)
    with Image.open(content) as opened:
        wanted = np.asarray(opened)
    read = read_array(Stream.of(content.getvalue(), "x"))
    np.testing.assert_allclose(read.astype(int), wanted.astype(int).reshape(read.shape), atol=2)


def test_palettes_become_colours_or_indices(tmp_path):
    indices = np.random.default_rng(2).integers(0, 3, (6, 5), np.uint8)
    picture = Image.fromarray(indices).convert("P")
    picture = Image.fromarray(indices, "P") if picture.mode != "P" else picture
    picture.putdata(indices.ravel().tolist())
    colours = [[250, 0, 0], [0, 240, 0], [0, 0, 230]]
    picture.putpalette(np.array(colours, np.uint8).tobytes())
    picture.save(tmp_path / "x.png")
    np.testing.assert_array_equal(read_array(tmp_path / "x.png"), np.array(colours)[indices])
    np.testing.assert_array_equal(read_array(tmp_path / "x.png", indexed=True)[..., 0], indices)
    assert read_header(tmp_path / "x.png").indexed
    picture.save(tmp_path / "clear.png", transparency=1)
    clear = read_array(tmp_path / "clear.png")
    assert clear.shape == (6, 5, 4)
    np.testing.assert_array_equal(clear[..., 3], np.where(indices == 1, 0, 255))


def test_one_bit_becomes_black_and_white(tmp_path):
    bits = np.random.default_rng(2).random((6, 5)) < 0.5
    Image.fromarray(bits).save(tmp_path / "x.png")
    np.testing.assert_array_equal(read_array(tmp_path / "x.png")[..., 0], bits * 255)


def test_the_pages_of_a_tiff_file_are_its_channels(tmp_path):
    pages = values("uint16", 5)
    tifffile.imwrite(tmp_path / "pages.tif", np.moveaxis(pages, -1, 0), photometric="minisblack")
    np.testing.assert_array_equal(read_array(tmp_path / "pages.tif"), pages)
    tifffile.imwrite(
        tmp_path / "planes.tif",
        np.moveaxis(pages, -1, 0),
        photometric="minisblack",
        planarconfig="separate",
    )
    np.testing.assert_array_equal(read_array(tmp_path / "planes.tif"), pages)


def test_tiles_big_endian_and_pyramids(tmp_path):
    picture = values("uint16", 3, (80, 70))
    tifffile.imwrite(
        tmp_path / "x.tif",
        picture,
        tile=(32, 32),
        byteorder=">",
        photometric="rgb",
        compression="zlib",
    )
    read = read_array(tmp_path / "x.tif")
    np.testing.assert_array_equal(read, picture)
    assert read.dtype == np.dtype("uint16")
    with tifffile.TiffWriter(tmp_path / "pyramid.tif") as writer:
        writer.write(picture, subifds=1, photometric="rgb")
        writer.write(picture[::2, ::2], subfiletype=1, photometric="rgb")
    np.testing.assert_array_equal(read_array(tmp_path / "pyramid.tif"), picture)


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16"])
def test_lzw_is_read_without_imagecodecs_where_pillow_can(tmp_path, mode):
    picture = values("uint16", 1)[..., 0] if mode == "I;16" else values("uint8", 3)
    image = Image.fromarray(picture).convert(mode)
    image.save(tmp_path / "x.tif", compression="tiff_lzw")
    np.testing.assert_array_equal(read_array(tmp_path / "x.tif").squeeze(), np.asarray(image))


def test_find_pictures_in_folders_below(tmp_path):
    for name in ("a.PNG", "sub/b.jpg", "sub/deeper/c.npy", ".hidden/d.png", "sub/.e.png", "f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "sub" / "round").symlink_to(tmp_path)
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")

    def found(**options):
        return [str(path.relative_to(tmp_path)) for path in find_pictures(tmp_path, **options)]

    # A link that leads nowhere is named when it is read; one that is left out, nobody would miss.
    assert found() == ["a.PNG", "loop.png"]
    assert found(nested=True) == ["a.PNG", "loop.png", "sub/b.jpg", "sub/deeper/c.npy"]


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path):
    path = tmp_path / "x.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (30000, 20000, 3)}
        )
        file.truncate(30000 * 20000 * 3 * 8 + 128)
    with pytest.raises(DataError) as error:
        read_array(path)
    assert str(error.value) == (
        f"{path} cannot be read as a picture: its 20000 x 30000 pixels would take 13,732 MB of memory, "
        "more than the 256 that one picture may; cut it into smaller ones, "
        "or save it as a tiled TIFF to translate it"
    )
