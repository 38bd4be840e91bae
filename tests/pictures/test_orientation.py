"""Pictures are read upright: all eight orientations, every kind of file that can carry one."""

import io
import json
import time
import tracemalloc
import zlib

import keras
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from zoo.pictures import Formats, PictureFormat, Stream, read_array, read_header
from zoo.pictures.geographic import upright_tags
from zoo.pictures.large import large_header, open_rows
from zoo.pictures.values import to_uint8
from zoo.plugins import load_host
from zoo.runs.files import RECIPE
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator

ORIENTATIONS = range(1, 9)
ORIENTATION = 274
# Blocks of 8 pixels survive JPEG: of 2 rows and 3 columns, each of its own brightness.
PICTURE = (np.arange(6, dtype=np.uint8).reshape(2, 3) * 40 + 20).repeat(8, 0).repeat(8, 1)
COLOURS = np.stack([PICTURE, 255 - PICTURE, PICTURE // 2], axis=-1)


def exif(orientation):
    made = Image.Exif()
    made[ORIENTATION] = orientation
    return made


def right(array, orientation):
    """What Pillow shows of an array whose file has an orientation."""
    content = io.BytesIO()
    Image.fromarray(array).save(content, "PNG", exif=exif(orientation))
    return np.asarray(ImageOps.exif_transpose(Image.open(content)))


def by_pillow(path, orientation, array=COLOURS, **options):
    Image.fromarray(array).save(path, exif=exif(orientation), **options)


def by_tifffile(path, orientation, array=COLOURS, **options):
    tags = [(ORIENTATION, "H", 1, orientation, True)]
    tifffile.imwrite(
        path, array, photometric="rgb" if array.ndim == 3 else None, extratags=tags, **options
    )


def with_exif_behind_the_pixels(path, orientation):
    by_pillow(path, orientation)
    content = path.read_bytes()
    start = content.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    chunk, content = content[start:end], content[:start] + content[end:]
    before = content.index(b"IEND") - 4
    path.write_bytes(content[:before] + chunk + content[before:])


def with_xmp_alone(path, orientation):
    xmp = f'<rdf:Description tiff:Orientation="{orientation}"/>'.encode()
    tifffile.imwrite(path, COLOURS, photometric="rgb", extratags=[(700, "B", len(xmp), xmp, True)])


FILES = {
    "JPEG": (".jpg", by_pillow, {"quality": 100, "subsampling": 0}),
    "PNG": (".png", by_pillow, {}),
    "PNG, EXIF at its end": (".png", with_exif_behind_the_pixels, {}),
    "WebP": (".webp", by_pillow, {"lossless": True}),
    "TIFF, LZW": (".tif", by_pillow, {"compression": "tiff_lzw"}),
    "TIFF, JPEG": (".tif", by_pillow, {"compression": "jpeg", "quality": 100}),
    "TIFF, Deflate": (".tif", by_tifffile, {"compression": "zlib", "rowsperstrip": 5}),
    "TIFF, tiles": (".tif", by_tifffile, {"compression": "zlib", "tile": (16, 16)}),
    "TIFF, raw": (".tif", by_tifffile, {}),
    "TIFF, XMP": (".tif", with_xmp_alone, {}),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", FILES)
def test_a_picture_is_read_as_pillow_shows_it(kind, orientation, tmp_path):
    suffix, write, options = FILES[kind]
    path = tmp_path / f"a{suffix}"
    write(path, orientation, **options)
    wanted = right(COLOURS, orientation).astype(int)
    with Image.open(path) as opened:
        np.testing.assert_allclose(np.asarray(ImageOps.exif_transpose(opened)), wanted, atol=6)
    header = read_header(path)
    assert (header.height, header.width) == wanted.shape[:2]
    np.testing.assert_allclose(read_array(path).astype(int), wanted, atol=6)
    np.testing.assert_allclose(
        read_array(Stream.of(path.read_bytes(), "a")).astype(int), wanted, atol=6
    )


@pytest.fixture(scope="module")
def negatives(tmp_path_factory):
    """A run whose network turns pictures to their negatives."""
    path = tmp_path_factory.mktemp("upright") / "run"
    path.mkdir()
    (path / RECIPE).write_text("model: {name: pix2pix}\n")
    inputs = keras.Input((16, 16, 3))
    keras.Model(inputs, -1.0 * inputs).save(path / "generator.keras")
    return path


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_command_sees_it_upright(orientation, negatives, zoo_command, tmp_path):
    """Inspecting, training and translating; the service and the pages have tests of their own."""
    wanted = right(COLOURS, orientation).astype(int)
    height, width = wanted.shape[:2]
    for index, (suffix, write, options) in enumerate(FILES.values()):
        for side in "AB":
            (tmp_path / "pairs" / side).mkdir(parents=True, exist_ok=True)
            write(tmp_path / "pairs" / side / f"{index}{suffix}", orientation, **options)
    told = json.loads(zoo_command("data", "inspect", "pairs", "--json").stdout)
    sizes = [{"width": width, "height": height, "count": len(FILES)}]
    assert [side["sizes"] for side in told["pictures"]] == [sizes, sizes]
    host = load_host()
    dataset = host.registry.get("dataset", "folder").create(
        {"path": str(tmp_path / "pairs"), "size": (height, width), "preprocess": "none"}
    )
    examples = [
        part.example(i, None) for part in (dataset.train, dataset.test) for i in range(len(part))
    ]
    assert len(examples) == len(FILES)
    for example in examples:
        for side in ("source", "target"):
            np.testing.assert_allclose(to_uint8(example[side]).astype(int), wanted, atol=6)
    done = zoo_command("translate", negatives, "pairs/A", "--out", "out")
    assert done.returncode == 0, done.stderr
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == len(FILES)
    for path in written:
        assert Image.open(path).getexif().get(ORIENTATION, 1) == 1
        np.testing.assert_allclose(255 - read_array(path).astype(int), wanted, atol=6)


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("data", [b"", b"garbage" * 5, b"MM\0*\0\0\0\x08\0\5\1\x12\0\3"])
def test_what_exif_says_wrongly_is_passed_over(data, before):
    content = io.BytesIO()
    Image.fromarray(COLOURS).save(content, "PNG")
    chunk = len(data).to_bytes(4, "big") + b"eXIf" + data
    chunk += zlib.crc32(chunk[4:]).to_bytes(4, "big")
    place = content.getvalue().index(before) - 4
    broken = content.getvalue()[:place] + chunk + content.getvalue()[place:]
    np.testing.assert_array_equal(read_array(Stream.of(broken, "a.png")), COLOURS)


def test_exif_that_says_a_million_times_what_it_is_takes_no_longer():
    content = io.BytesIO()
    exif = b"Exif\0\0" * 10**6 + b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\3\0\0"
    Image.fromarray(COLOURS).save(content, "PNG", exif=b"Exif\0\0" + exif)
    begun = time.perf_counter()
    array = read_array(Stream.of(content.getvalue(), "a.png"))
    assert time.perf_counter() - begun < 10
    np.testing.assert_array_equal(array, COLOURS[::-1, ::-1])


LARGE = {
    "raw": {},
    "tiles": {"compression": "zlib", "tile": (16, 32)},
    "strips": {"compression": "zlib", "rowsperstrip": 7},
    "planes": {"compression": "zlib", "tile": (32, 16), "planarconfig": "separate"},
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", LARGE)
def test_a_picture_larger_than_memory_is_translated_upright(
    kind, orientation, tmp_path, monkeypatch
):
    stored = np.random.default_rng(0).integers(0, 256, (71, 83, 3), np.uint8)
    written = np.moveaxis(stored, -1, 0) if kind == "planes" else stored
    by_tifffile(tmp_path / "a.tif", orientation, written, **LARGE[kind])
    wanted = right(stored, orientation)
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", 1000)
    monkeypatch.setattr("zoo.pictures.rows.AT_A_TIME", 2000)
    header = large_header(tmp_path / "a.tif")
    assert (header.height, header.width) == wanted.shape[:2]
    with open_rows(tmp_path / "a.tif") as rows:
        np.testing.assert_array_equal(rows.read(9, 50, 20, 61), wanted[9:50, 20:61])
    jobs = collect([tmp_path / "a.tif"], tmp_path / "out")
    list(Translator(lambda batch: batch, (32, 32)).translate_files(jobs))
    with tifffile.TiffFile(tmp_path / "out" / "a.tif") as tiff:
        np.testing.assert_array_equal(tiff.asarray(), wanted)
        assert tiff.pages.first.tags.valueof(ORIENTATION, 1) == 1


@pytest.mark.parametrize("orientation", [3, 6])
def test_no_more_than_a_part_of_a_turned_picture_is_held(orientation, tmp_path, monkeypatch):
    by_tifffile(tmp_path / "a.tif", orientation, np.zeros((1024, 1024), np.uint8), rowsperstrip=1)
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", 1000)
    monkeypatch.setattr("zoo.pictures.rows.AT_A_TIME", 2**14)
    with open_rows(tmp_path / "a.tif") as rows:
        tracemalloc.start()
        rows.read(0, 32, 0, 1024)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 2**17  # the part takes 2**15, the whole 2**20


def test_a_piece_is_decoded_once_when_the_picture_is_upside_down(tmp_path, monkeypatch):
    options = {"tile": (16, 16), "compression": "zlib"}
    by_tifffile(tmp_path / "a.tif", 3, np.zeros((64, 64), np.uint8), **options)
    monkeypatch.setattr("zoo.pictures.large.MOST_BYTES", 1000)
    decoded = []
    segments = tifffile.FileHandle.read_segments

    def counted(file, places, sizes, numbers):
        decoded.extend(numbers)
        return segments(file, places, sizes, numbers)

    monkeypatch.setattr(tifffile.FileHandle, "read_segments", counted)
    with open_rows(tmp_path / "a.tif") as rows:
        for top in range(0, 60, 10):
            rows.read(top, top + 10, 0, 64)
    assert sorted(decoded) == list(range(16))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF, LZW", "TIFF, raw"])
@pytest.mark.parametrize("out", [".png", ".tif"])
def test_what_is_written_is_upright_and_says_so(kind, out, tmp_path):
    suffix, write, options = FILES[kind]
    write(tmp_path / f"a{suffix}", 6, **options)
    form = PictureFormat(suffix=out)
    jobs = collect([tmp_path / f"a{suffix}"], tmp_path / "out", formats=Formats(target=form))
    list(
        Translator(lambda batch: batch, (8, 8), formats=Formats(target=form)).translate_files(jobs)
    )
    with Image.open(jobs[0][1]) as written:
        assert written.getexif().get(ORIENTATION, 1) == 1
        assert written.size == (16, 24)
        np.testing.assert_allclose(
            np.asarray(written).astype(int), right(COLOURS, 6).astype(int), atol=8
        )


# === Where on earth ===

SCALE = (33550, 12, 3, (10.0, 20.0, 0.0), True)
TIEPOINT = (33922, 12, 6, (0.0, 0.0, 0.0, 500.0, 9000.0, 0.0), True)
MATRIX = (34264, 12, 16, (10.0, 1, 0, 500, 2, -20.0, 0, 9000, 0, 0, 0, 0, 0, 0, 0, 1.0), True)
POINT = (34735, 3, 8, (1, 1, 0, 1, 1025, 0, 1, 2), True)
GROUND_POINTS = (33922, 12, 12, (1.0, 2.0, 0, 7.0, 8.0, 0, 3.0, 0.0, 0, 5.0, 6.0, 0), True)


def place(tags, column, row):
    """Where a pixel's middle lies on earth, by a scale and a tiepoint or by a transformation."""
    values = {code: value for code, _, _, value, _ in tags}
    beyond = 0 if 34735 in values else 0.5
    column, row = column + beyond, row + beyond
    if 34264 in values:
        x, y = (np.reshape(values[34264], (4, 4)) @ (column, row, 0, 1))[:2]
        return float(x), float(y)
    across, down, _ = values[33550]
    return values[33922][3] + across * column, values[33922][4] - down * row


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("tags", [[SCALE, TIEPOINT], [MATRIX], [SCALE, TIEPOINT, POINT]])
def test_every_pixel_stays_where_it_is_on_earth(tags, orientation):
    numbers = np.arange(6, dtype=np.uint8).reshape(2, 3)
    turned = upright_tags(tags, orientation, *numbers.shape)
    shown = right(numbers, orientation)
    for (row, column), number in np.ndenumerate(shown):
        stored_row, stored_column = divmod(int(number), 3)
        assert place(turned, column, row) == place(tags, stored_column, stored_row)


def test_points_on_the_ground_move_with_their_pixels():
    (turned,) = upright_tags([GROUND_POINTS], 6, 4, 5)
    # Rows run from right to left in the upright picture, 4 pixels wide.
    assert turned == (
        33922, 12, 12, (2.0, 1.0, 0, 7.0, 8.0, 0, 4.0, 3.0, 0, 5.0, 6.0, 0), True,
    )  # fmt: skip


def test_a_turned_file_takes_its_place_on_earth_along(tmp_path):
    tags = [(ORIENTATION, 3, 1, 6, True), SCALE, TIEPOINT]
    tifffile.imwrite(tmp_path / "a.tif", COLOURS, photometric="rgb", extratags=tags)
    form = PictureFormat(suffix=".tif")
    jobs = collect([tmp_path / "a.tif"], tmp_path / "out", formats=Formats(target=form))
    list(
        Translator(lambda batch: batch, (8, 8), formats=Formats(target=form)).translate_files(jobs)
    )
    with tifffile.TiffFile(jobs[0][1]) as written:
        found = written.pages.first.tags
        assert 33550 not in found
        # The first stored row, 16 rows high, is the last column.
        assert np.reshape(found[34264].value, (4, 4)).tolist() == [
            [0, 10, 0, 500], [20, 0, 0, 8680], [0, 0, 0, 0], [0, 0, 0, 1],
        ]  # fmt: skip
