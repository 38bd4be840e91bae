"""What the graph of a served model does with picture files, against `Translator`."""

from __future__ import annotations

import functools
import io
import zlib

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from zoo.export.serving.signatures import BYTES, BYTES_IN, BYTES_OUT, Sides, served
from zoo.export.serving.tiles import Tiling, tiled_axis
from zoo.pictures import RGB, Formats, PictureFormat, Stream, read_array
from zoo.translation.tiling import TiledAxis
from zoo.translation.translator import Translator

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel is written on TensorFlow"
)
SIZE = (16, 24)
SHAPES = [(1, 1), (1, 40), (2, 3), (5, 24), (15, 23), (16, 24), (17, 24), (40, 25), (64, 91)]
GREY = PictureFormat("grey")
DEEP = PictureFormat("grey", "uint16", (100.0,), (60000.0,))
DEEP_COLOURS = PictureFormat("rgb", "uint16", (0.0, 10.0, 20.0), (65535.0, 50000.0, 40000.0))
VALUES = PictureFormat("grey", classes=(7, 0, 200))
COLOURS = PictureFormat(classes=((255, 0, 0), (0, 0, 0), (0, 255, 128)))
FOUR = PictureFormat(4)
HOLES = PictureFormat("grey", "uint16", (0.0,), (9000.0,), nodata=0.0, fill=4000.0)


def painter(channels, depth):
    """A network with strides, whose painting of a pixel depends on where it lies in the tile."""
    x = inputs = keras.Input((*SIZE, channels))
    x = keras.layers.Conv2D(4, 4, strides=2, padding="same", activation="tanh")(x)
    x = keras.layers.Conv2DTranspose(depth, 4, strides=2, padding="same", activation="tanh")(x)
    return keras.Model(inputs, x)


@functools.cache
def made(source=RGB, target=RGB, overlap=0.25, alignment=1, most_pixels=10**6):
    return Both(source, target, overlap, alignment, most_pixels)


class Both:
    """The signature on bytes and the translator of one network."""

    def __init__(self, source, target, overlap, alignment, most_pixels):
        keras.utils.set_random_seed(3)
        network = painter(source.depth, target.depth)
        sides = Sides.of(network, source, target)
        assert sides.problem == ""
        _, signatures = served(network, sides, Tiling(SIZE, overlap, alignment, 3), most_pixels)
        self.signature = signatures[BYTES]
        self.source, self.target = source, target
        self.translator = Translator(
            network,
            SIZE,
            overlap=overlap,
            alignment=alignment,
            formats=Formats(source, target),
        )

    def answer(self, *contents):
        answers = self.signature(tf.constant(contents, tf.string))[BYTES_OUT].numpy()
        return [self.target.as_stored(pixels(answer)) for answer in answers]

    def expected(self, content):
        by_value = self.source.classes and isinstance(self.source.classes[0], int)
        picture = read_array(Stream.of(content, "sent.png"), indexed=bool(by_value))
        return self.target.as_stored(self.translator(picture))


def pixels(png):
    depth = tf.uint16 if png[24] == 16 else tf.uint8
    return tf.io.decode_png(png, dtype=depth).numpy()


def smooth(height, width, channels=3, most=255):
    """A colour field, for which decoders' own small liberties stay small."""
    rng = np.random.default_rng(height * 1000 + width)
    field: np.ndarray = rng.uniform(0, 1, (4, 5, channels)).astype(np.float32)
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    return (field.reshape(height, width, channels) * most).round().astype(np.int64)


def file(picture, kind="PNG", **options):
    """The bytes of a file of an array of 8 bits, or of an image."""
    if isinstance(picture, np.ndarray):
        picture = picture.astype(np.uint8)
        picture = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def deep_file(picture):
    picture = picture.astype(np.uint16)
    return cv2.imencode(".png", picture[..., ::-1])[1].tobytes()


def sample(form, height, width):
    """The bytes of a file of a format."""
    rng = np.random.default_rng(height + width)
    if form.classes:
        return file(form._class_values[rng.integers(0, form.depth, (height, width))])
    if form.dtype == "uint16":
        return deep_file(smooth(height, width, form.depth, 65535))
    return file(smooth(height, width, form.depth))


# === The same as in Python ===


@pytest.mark.parametrize("orientation", range(1, 10))
def test_pictures_are_turned_upright(orientation):
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "a camera", orientation
    little = Image.Exif()
    little.endian = "<"
    little[0x0112] = orientation
    picture = smooth(24, 40)
    png = file(picture, exif=exif)
    start = png.index(b"eXIf") - 4
    chunk = png[start : start + 12 + int.from_bytes(png[start : start + 4], "big")]
    end = png.index(b"IEND") - 4
    late = png[:start] + png[start + len(chunk) : end] + chunk + png[end:]
    contents = [
        file(picture, "JPEG", exif=exif, quality=100, subsampling=0, icc_profile=b"x" * 70_000),
        file(picture, "JPEG", exif=little, quality=100, subsampling=0, comment="a comment"),
        png,
        late,
    ]
    both = made()
    for content, answer in zip(contents, both.answer(*contents), strict=True):
        assert answer.shape[:2] == ((40, 24) if orientation in (5, 6, 7, 8) else (24, 40))
        np.testing.assert_allclose(answer, both.expected(content).astype(int), atol=1)


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_broken_exif_is_passed_over(length):
    exif = Image.Exif()
    exif[0x0112] = 6
    plain, turned = file(smooth(16, 24)), file(smooth(16, 24), exif=exif)
    start = turned.index(b"eXIf") - 4
    data = bytes(random_bytes(length)) if length % 2 else turned[start + 8 : start + 8 + length][:9]
    chunk = len(data).to_bytes(4, "big") + b"eXIf" + data
    chunk += zlib.crc32(chunk[4:]).to_bytes(4, "big")
    end = plain.index(b"IDAT") - 4
    (answer,) = made().answer(plain[:end] + chunk + plain[end:])
    np.testing.assert_array_equal(answer, made().answer(plain)[0])


def random_bytes(length):
    return np.random.default_rng(length).integers(0, 256, length, np.uint8)


@pytest.mark.parametrize(("overlap", "alignment"), [(0.25, 1), (0.6, 1), (0.0, 2), (0.25, 8)])
def test_pictures_of_any_size_are_tiled_as_by_the_translator(overlap, alignment):
    both = made(overlap=overlap, alignment=alignment)
    contents = [sample(RGB, *shape) for shape in SHAPES]
    answers = both.answer(*contents)
    assert [answer.shape[:2] for answer in answers] == SHAPES
    for content, answer in zip(contents, answers, strict=True):
        np.testing.assert_allclose(answer, both.expected(content).astype(int), atol=1)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (GREY, RGB),
        (RGB, GREY),
        (FOUR, FOUR),
        (DEEP, DEEP_COLOURS),
        (HOLES, HOLES),
        (DEEP_COLOURS, DEEP),
        (COLOURS, RGB),
        (VALUES, COLOURS),
        (RGB, VALUES),
    ],
)
def test_formats_mean_what_they_mean_in_python(source, target):
    both = made(source, target)
    contents = [sample(source, *shape) for shape in [(9, 30), (40, 41)]]
    for content, answer in zip(contents, both.answer(*contents), strict=True):
        expected = both.expected(content)
        if target.classes:
            # Where two classes are alike likely, rounding decides.
            assert (answer == expected).mean() > 0.999
        else:
            assert answer.dtype == expected.dtype == target.dtype
            np.testing.assert_allclose(answer, expected.astype(int), atol=1)


@pytest.fixture(scope="module")
def colours():
    return made()


def transparent(mode):
    alpha = Image.fromarray(smooth(20, 30, 1)[..., 0].astype(np.uint8))
    image = Image.fromarray(smooth(20, 30).astype(np.uint8)).convert(mode.removesuffix("A"))
    image.putalpha(alpha)
    return image


def image(mode):
    return Image.fromarray(smooth(20, 30).astype(np.uint8)).convert(mode)


KINDS = {
    "jpeg": file(smooth(20, 31), "JPEG"),
    "progressive jpeg": file(smooth(20, 31), "JPEG", progressive=True, quality=60),
    "grey jpeg": file(smooth(20, 30, 1), "JPEG"),
    "jpeg for print": file(image("CMYK"), "JPEG"),
    "bmp": file(smooth(20, 30), "BMP"),
    "bmp of 32 bits": file(transparent("RGBA"), "BMP"),
    "gif": file(smooth(20, 30), "GIF"),
    "moving gif": file(
        image("P"), "GIF", save_all=True, append_images=[image("P").rotate(90)], duration=9
    ),
    "grey png": file(smooth(20, 30, 1)),
    "png of 1 bit": file(image("1")),
    "png with a palette": file(image("P")),
    "png with a transparent colour": file(image("P"), transparency=3),
    "transparent png": file(transparent("RGBA")),
    "transparent grey png": file(transparent("LA")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_are_read_as_in_python(colours, kind):
    (answer,) = colours.answer(KINDS[kind])
    np.testing.assert_allclose(answer, colours.expected(KINDS[kind]).astype(int), atol=1)


def test_colours_and_transparency_are_mixed_to_grey_as_in_python():
    both = made(GREY, GREY)
    for kind in ("jpeg", "transparent png", "transparent grey png"):
        (answer,) = both.answer(KINDS[kind])
        np.testing.assert_allclose(answer, both.expected(KINDS[kind]).astype(int), atol=1)


def test_pixels_of_no_class_stay_unlabelled():
    both = made(VALUES, RGB)
    labels = np.array([[[7], [0]], [[200], [255]]])
    (answer,) = both.answer(file(labels))
    np.testing.assert_allclose(answer, both.expected(file(labels)).astype(int), atol=1)


def test_no_pictures_are_answered_by_none(colours):
    assert colours.answer() == []


@pytest.mark.parametrize("size", [4, 5, 16])
@pytest.mark.parametrize("overlap", [0, 0.25, 0.9])
@pytest.mark.parametrize("alignment", [1, 4])
def test_axes_are_those_of_the_tiler(size, overlap, alignment):
    for length in (1, 2, 5, 15, 16, 17, 33, 100, 131):
        expected = TiledAxis(length, size, overlap, alignment)
        axis = tiled_axis(tf.constant(length), size, overlap, alignment)
        assert axis.starts.numpy().tolist() == expected.starts
        np.testing.assert_allclose(axis.weights, expected.weights, atol=1e-6)
        places = np.pad(np.arange(length), expected.padding, mode="reflect")
        np.testing.assert_array_equal(axis.mirrored, places)


# === Refusals ===


def refused(both, content):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        both.answer(sample(both.source, 20, 20), content)
    return caught.value.message


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM" + bytes(30)]
    + [KINDS[kind][: len(KINDS[kind]) // 2] for kind in ("jpeg", "bmp", "gif", "grey png")],
)
def test_broken_bytes_are_an_invalid_argument(colours, content):
    refused(colours, content)


def test_what_is_no_picture_is_told(colours):
    message = "the bytes are no JPEG, PNG, BMP or GIF picture"
    assert message in refused(colours, b"hello")
    assert "the BMP picture has a palette" in refused(colours, file(smooth(9, 9, 1), "BMP"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF"])
def test_a_picture_of_too_many_pixels_is_refused(kind):
    both = made(most_pixels=400)
    assert len(both.answer(file(smooth(20, 20), kind))) == 1
    message = "the picture has more than the 400 pixels that are translated"
    assert message in refused(both, file(smooth(20, 21), kind))


def test_a_bomb_is_refused_before_it_is_decoded(colours):
    # It says to have 2 ** 62 pixels, of which there are none.
    bomb = KINDS["grey png"][:16] + b"\x7f\xff\xff\xff" * 2 + KINDS["grey png"][24:]
    assert "more than the 1000000 pixels" in refused(colours, bomb)


@pytest.mark.parametrize(
    ("source", "content", "message"),
    [
        (RGB, deep_file(smooth(9, 9)), "the picture has other than the 8 bits expected"),
        (DEEP, KINDS["jpeg"], "the picture has other than the 16 bits expected"),
        (FOUR, KINDS["jpeg"], "another number of channels than the 4 expected"),
        (VALUES, KINDS["jpeg"], "the picture has colours or a palette; expected a label map"),
        (VALUES, KINDS["grey png"], "the picture has pixels that are none of its 3 classes"),
        (COLOURS, KINDS["jpeg"], "the picture has pixels that are none of its 3 classes"),
    ],
)
def test_pictures_of_another_format_are_refused(source, content, message):
    assert message in refused(made(source), content)


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        (PictureFormat(6), RGB, "no PNG file holds sources of 6 channels of uint8"),
        (PictureFormat("grey", "int16"), RGB, "no PNG file holds sources of 1 channels of int16"),
        (RGB, PictureFormat(2), "no PNG file holds targets of 2 channels of uint8"),
        (RGB, PictureFormat(4, "uint16"), "no PNG file holds targets of 4 channels of uint16"),
        (
            RGB,
            PictureFormat("rgb", "float32"),
            "no PNG file holds targets of 3 channels of float32",
        ),
    ],
)
def test_what_png_does_not_hold_has_no_signature(source, target, problem):
    network = painter(source.depth, target.depth)
    sides = Sides.of(network, source, target)
    assert sides.problem == problem
    _, signatures = served(network, sides, Tiling(SIZE, 0.25, 1, 1), 100)
    assert BYTES not in signatures


def test_formats_left_at_rgb_follow_the_network():
    sides = Sides.of(painter(1, 4), RGB, RGB)
    assert (sides.source, sides.pixel.shape, sides.problem) == (GREY, (1, 1, 4), "")
    assert BYTES_IN.endswith("_bytes")
    assert BYTES_OUT.endswith("_bytes")
