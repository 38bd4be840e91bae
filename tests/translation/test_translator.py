import re

import keras
import numpy as np
import pytest
from format_values import values
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.pictures import Formats, PictureFormat, read_array, read_picture, write_picture
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator

SIZE = (32, 32)
SHAPES = [(1, 1), (1, 40), (2, 3), (5, 32), (31, 33), (32, 32), (33, 100), (64, 64), (300, 517)]


def identity(batch):
    return batch


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


class Counting:
    """The identity, which notes how many pictures each call brought."""

    def __init__(self):
        self.calls = []

    def __call__(self, batch):
        self.calls.append(len(batch))
        return batch


# === Arrays and images ===


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_identity_gives_every_picture_back(shape, channels):
    picture = noise(*shape, channels)
    translated = Translator(identity, SIZE, channels=channels)(picture)
    assert translated.dtype == np.uint8
    np.testing.assert_array_equal(translated, picture)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_identity_gives_floats_back(shape):
    picture = noise(*shape, 3) / np.float64(127.5) - 1
    translated = Translator(identity, SIZE, overlap=0.5)(picture)
    assert translated.dtype == np.float32
    np.testing.assert_allclose(translated, picture, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_constant_shift_shifts_every_pixel_alike(shape):
    picture = np.random.default_rng(0).uniform(-0.5, 0.5, (*shape, 3)).astype(np.float32)
    translated = Translator(lambda batch: batch + 0.25, SIZE)(picture)
    np.testing.assert_allclose(translated, picture + 0.25, atol=1e-5)


def test_a_picture_of_the_networks_size_goes_through_untouched():
    seen = []
    Translator(lambda batch: seen.append(batch) or batch, SIZE)(picture := noise(32, 32, 3))
    assert len(seen) == 1
    assert seen[0].dtype == np.float32
    np.testing.assert_allclose(seen[0][0], picture / 127.5 - 1, atol=1e-6)


def test_small_pictures_are_continued_by_reflection():
    seen = []
    picture = np.array([[[-1.0], [0.0], [1.0]]], np.float32)
    Translator(lambda batch: seen.append(batch) or batch, (1, 9), channels=1)(picture)
    assert seen[0].ravel().tolist() == [0, 1, 0, -1, 0, 1, 0, -1, 0]


def position(batch):
    """Answers, whatever it sees, how far each pixel lies from the left: -1 to 1."""
    ramp = np.linspace(-1, 1, batch.shape[2], dtype=np.float32)
    return np.broadcast_to(ramp[None, None, :, None], (*batch.shape[:3], 1))


def test_tiles_that_disagree_fade_into_each_other():
    # Two tiles that share 16 columns, where one says 0 to 1 and the other -1 to 0.
    line = Translator(position, SIZE, overlap=0.5)(np.zeros((32, 48), np.float32))[0]
    ramp = np.linspace(-1, 1, 32)
    # Each tile's outermost four columns are left out; over the eight in between they fade.
    fade = np.sin(np.pi / 2 * (np.arange(8) + 0.5) / 8) ** 2
    np.testing.assert_allclose(line[:20], ramp[:20], atol=1e-6)
    np.testing.assert_allclose(line[28:], ramp[12:], atol=1e-6)
    np.testing.assert_allclose(line[20:28], (1 - fade) * ramp[20:28] + fade * ramp[4:12], atol=1e-6)
    # Side by side the tiles would jump from 1 to -1.
    assert np.abs(np.diff(line)).max() < 0.2


def test_tiles_that_differ_a_little_show_no_seam():
    def own_mean(batch):
        return batch - 0.1 * batch.mean(axis=(1, 2, 3), keepdims=True)

    ramp = np.linspace(-1, 1, 300, dtype=np.float32)
    translated = Translator(own_mean, SIZE)(
        np.broadcast_to(ramp, (100, 300))[..., None].repeat(3, 2)
    )
    inner = np.diff(translated[50, :, 0])
    assert inner.min() > 0
    assert inner.max() < 3 * (ramp[1] - ramp[0])


@pytest.mark.parametrize(
    ("batch_size", "calls"), [(1, [1] * 6), (2, [2] * 3), (4, [4, 2]), (100, [6])]
)
def test_tiles_go_through_in_batches(batch_size, calls):
    network, picture = Counting(), noise(50, 80, 3)
    translated = Translator(network, SIZE, batch_size=batch_size)(picture)
    assert network.calls == calls
    np.testing.assert_array_equal(translated, picture)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK", "LA", "1"])
def test_an_image_comes_back_as_an_image(mode):
    image = Image.fromarray(noise(40, 50, 3)).convert(mode)
    translated = Translator(identity, SIZE)(image)
    assert (translated.mode, translated.size) == ("RGB", (50, 40))


def test_a_network_that_paints_grey_gives_grey_back():
    def grey(batch):
        return batch.mean(axis=-1, keepdims=True)

    translator = Translator(grey, SIZE)
    assert translator(noise(20, 40)).shape == (20, 40)
    assert translator(noise(20, 40, 1)).shape == (20, 40, 1)
    assert translator(noise(20, 40, 3)).shape == (20, 40, 1)
    assert translator(Image.fromarray(noise(20, 40, 3))).mode == "L"
    np.testing.assert_array_equal(translator(noise(20, 40)), noise(20, 40))


def test_grey_pictures_come_back_in_colour_from_a_network_that_paints_colours():
    assert Translator(identity, SIZE)(noise(20, 40)).shape == (20, 40, 3)


def test_a_keras_model_tells_its_channels():
    inputs = keras.Input((16, 16, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1, kernel_initializer="ones")(inputs))
    translator = Translator(model, (16, 16), batch_size=4)
    assert translator.formats.source.depth == 1
    picture = noise(40, 21)
    np.testing.assert_array_equal(translator(picture), picture[..., None].repeat(3, axis=-1))


@pytest.mark.parametrize("answer", [(1, 64, 64, 3), (1, 32, 32), (2, 32, 32, 3)])
def test_a_network_that_changes_the_size_is_refused(answer):
    with pytest.raises(ZooError, match=r"answered pictures of the shape .* to \(1, 32, 32, 3\)"):
        Translator(lambda batch: np.zeros(answer), SIZE)(noise(32, 32, 3))


def test_what_no_picture_can_hold_is_refused():
    def five(batch):
        return np.zeros((*batch.shape[:3], 5))

    assert Translator(five, SIZE)(noise(8, 8, 3)).shape == (8, 8, 5)
    with pytest.raises(
        ZooError, match="no PIL image holds what the network paints, 5 channels of uint8"
    ):
        Translator(five, SIZE)(Image.new("RGB", (8, 8)))


# === Formats ===

SCAN = PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif")
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 9)]


@pytest.mark.parametrize("shape", [(1, 1), (32, 32), (75, 50)])
@pytest.mark.parametrize(
    "form",
    [
        SCAN,
        PictureFormat("grey", "uint16", (0.0,), (65535.0,)),
        PictureFormat("rgb", "uint16", (0.0,), (65535.0,)),
        PictureFormat(1, "int16", (-1000.0,), (3000.0,), suffix=".tif"),
        PictureFormat(6, "uint16", (0.0,) * 6, (10.0, 100.0, 1e3, 1e4, 3e4, 6e4), suffix=".tif"),
        PictureFormat(12, "uint8", suffix=".tif"),
        PictureFormat(classes=(0, 1, 2)),
        PictureFormat(classes=(7, 3, 200)),
        PictureFormat(dtype="uint16", classes=(1, 1000, 40000)),
        PictureFormat(classes=tuple(COLOURS)),
    ],
    ids=str,
)
def test_the_identity_writes_what_it_read(form, shape, tmp_path):
    given = tmp_path / "given" / f"a{form.suffix}"
    write_picture(given, picture := values(form, *shape))
    translator = Translator(identity, SIZE, formats=Formats(form, form))
    jobs = collect([given], tmp_path / "out", formats=Formats(form, form))
    ((_, written),) = translator.translate_files(jobs)
    assert written == tmp_path / "out" / f"a{form.suffix}"
    again = read_array(written)
    assert again.dtype == form.dtype
    np.testing.assert_array_equal(again, picture)
    np.testing.assert_array_equal(translator(picture), picture)


def test_the_identity_writes_floats_but_for_rounding(tmp_path):
    form = PictureFormat(2, "float32", (-40.0, 0.0), (55.0, 1.0), suffix=".npy")
    picture = values(form, 70, 40)
    np.save(tmp_path / "a.npy", picture)
    translator = Translator(identity, SIZE, formats=Formats(form, form))
    jobs = collect([tmp_path / "a.npy"], tmp_path / "out", formats=Formats(form, form))
    ((_, written),) = translator.translate_files(jobs)
    assert np.load(written).dtype == np.float32
    np.testing.assert_allclose(np.load(written), picture, atol=2e-5)
    np.testing.assert_allclose(translator(picture.astype(np.float64)), picture, atol=2e-5)


def test_arrays_of_file_values_come_back_as_the_targets_file_values():
    def three(batch):
        return batch.repeat(3, axis=-1)

    bands = PictureFormat(3, "int16", (-100.0,), (100.0,), suffix=".tif")
    translator = Translator(three, SIZE, formats=Formats(SCAN, bands))
    ramp = np.linspace(0, 4095, 40 * 50).astype(np.uint16).reshape(40, 50)
    translated = translator(ramp)
    assert translated.dtype == np.int16
    np.testing.assert_allclose(translated[..., 1], ramp * (200 / 4095) - 100, atol=0.5001)
    # On the network's own scale nothing is rounded.
    seen = translator(ramp / 4095 * 2 - 1)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen[..., 2], ramp / 4095 * 2 - 1, atol=1e-6)


def test_the_likeliest_class_is_taken_after_tiles_have_faded():
    # Two tiles that share 16 columns: the left one says class 7 mildly, the right one class 9 firmly.
    said = iter([0.2, 1.0])

    def network(batch):
        one = np.full((*batch.shape[:3], 2), -1, np.float32)
        strength = next(said)
        one[..., 0 if strength < 1 else 1] = strength
        return one

    form = PictureFormat(classes=(7, 9))
    labels = Translator(network, SIZE, overlap=0.5, formats=Formats(target=form))(noise(32, 48, 3))
    assert (labels.shape, labels.dtype) == ((32, 48, 1), np.uint8)
    fade = np.sin(np.pi / 2 * (np.arange(8) + 0.5) / 8) ** 2
    weight = np.concatenate([np.zeros(4), fade, np.ones(4)])  # of the right tile, where both are
    right = 2 * weight - 1 > 1.2 * (1 - weight) - 1
    np.testing.assert_array_equal(labels[5, 16:32, 0], np.where(right, 9, 7))
    assert (labels[:, :16] == 7).all()
    assert (labels[:, 32:] == 9).all()


def test_a_label_map_is_shown_to_the_network_one_channel_a_class():
    seen = []
    form = PictureFormat(classes=(4, 5, 6))
    labels = np.array([[4, 5], [255, 6]], np.uint8)
    Translator(lambda batch: seen.append(batch) or batch, (2, 2), formats=Formats(source=form))(
        labels
    )
    expected = [[[1, -1, -1], [-1, 1, -1]], [[-1, -1, -1], [-1, -1, 1]]]
    np.testing.assert_array_equal(seen[0][0], expected)


@pytest.mark.parametrize(
    ("mode", "dtype"), [("I;16", "uint16"), ("I", "int32"), ("F", "float32"), ("L", "uint8")]
)
def test_deep_images_come_back_as_such(mode, dtype):
    form = PictureFormat(1, dtype, (0.0,), (200.0,))
    picture = np.arange(200).reshape(10, 20).astype(dtype)
    translator = Translator(identity, SIZE, formats=Formats(form, form))
    translated = translator(Image.fromarray(picture))
    assert translated.mode == mode
    np.testing.assert_allclose(np.asarray(translated), picture, atol=1e-4)


def test_an_image_that_cannot_be_is_refused():
    def six(batch):
        return batch.repeat(2, axis=-1)

    form = PictureFormat(6, "uint16", (0.0,), (9.0,), suffix=".tif")
    translator = Translator(six, SIZE, formats=Formats(target=form))
    assert translator(noise(4, 5, 3)).shape == (4, 5, 6)
    with pytest.raises(
        ZooError,
        match=r"^no PIL image holds what the network paints, 6 channels of uint16; "
        r"translate a NumPy array instead$",
    ):
        translator(Image.fromarray(noise(4, 5, 3)))


def test_files_of_another_format_are_named_with_what_was_expected(tmp_path):
    write_picture(tmp_path / "scan.png", noise(4, 4))
    write_picture(tmp_path / "bands.tif", np.zeros((4, 4, 3), np.uint16))
    with pytest.raises(DataError) as caught:
        collect([tmp_path], tmp_path / "out", formats=Formats(source=SCAN))
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'bands.tif'} has 3 channels; expected 1",
        f"{tmp_path / 'scan.png'} has values of 8 bits; expected 16 bits",
    ]
    with pytest.raises(DataError, match=r"bands\.tif has values of 16 bits; expected 8 bits$"):
        collect([tmp_path], tmp_path / "out")


def test_a_network_that_does_not_fit_its_formats_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^the network expects 3 channels, but pictures of its source format have 1$",
    ):
        Translator(identity, SIZE, channels=3, formats=Formats(source=SCAN))
    with pytest.raises(
        ZooError, match=r"^the network paints 3 channels, but pictures of its target format have 1$"
    ):
        Translator(identity, SIZE, formats=Formats(target=SCAN))(noise(4, 4, 3))


@pytest.mark.parametrize(
    "options",
    [{"size": (0, 4)}, {"batch_size": 0}, {"alignment": 0}, {"overlap": 1.0}, {"overlap": -0.1}],
)
def test_nonsense_is_refused(options):
    with pytest.raises(ValueError, match="must be 1 or more and overlap within"):
        Translator(identity, **{"size": SIZE, **options})


# === Files ===


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    Image.fromarray(noise(20, 30, 3)).save(folder / "a.png")
    Image.fromarray(noise(50, 40, 3)).save(folder / "b.bmp")
    return folder


def test_a_folder_is_translated_into_png_files_of_the_same_names(folder, tmp_path):
    out = tmp_path / "new" / "out"
    jobs = collect([folder], out)
    assert not out.exists()
    done = list(Translator(identity, SIZE).translate_files(jobs))
    assert done == [(folder / "a.png", out / "a.png"), (folder / "b.bmp", out / "b.png")]
    for source, written in done:
        np.testing.assert_array_equal(read_picture(source), read_picture(written))


def test_files_and_folders_mix_and_a_file_named_twice_is_one(folder, tmp_path):
    jobs = collect([folder / "b.bmp", folder, folder / "b.bmp"], tmp_path / "out")
    assert [source.name for source, _ in jobs] == ["b.bmp", "a.png"]


def test_the_results_may_lie_in_a_folder_within_the_sources(folder):
    for _ in range(2):
        jobs = collect([folder], folder / "translated")
        assert len(list(Translator(identity, SIZE).translate_files(jobs))) == 2


def test_a_grey_network_writes_grey_files(folder, tmp_path):
    def grey(batch):
        return batch.mean(axis=-1, keepdims=True)

    jobs = collect([folder / "a.png"], tmp_path / "out")
    ((_, written),) = Translator(grey, SIZE).translate_files(jobs)
    with Image.open(written) as picture:
        assert (picture.mode, picture.size) == ("L", (30, 20))


@pytest.mark.parametrize("other", ["a.jpg", "A.webp"])
def test_two_pictures_for_one_file_are_refused(folder, tmp_path, other):
    Image.fromarray(noise(4, 4, 3)).save(folder / other)
    with pytest.raises(ZooError, match=r"would both be written to .*a\.png; rename one"):
        collect([folder], tmp_path / "out")


def test_sources_are_never_replaced(folder):
    with pytest.raises(ZooError, match=r"given holds the source pictures; name another folder"):
        collect([folder], folder)
    with pytest.raises(ZooError, match=r"a\.png is a source picture and would be replaced"):
        collect([folder / "a.png"], folder)
    assert collect([folder / "b.bmp"], folder) == [(folder / "b.bmp", folder / "b.png")]


def test_every_unreadable_picture_is_named_before_anything_is_written(folder, tmp_path):
    (folder / "c.png").write_bytes(b"no picture")
    whole = (folder / "a.png").read_bytes()
    (folder / "d.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        collect([folder], tmp_path / "out")
    assert re.search(r"c\.png is not a picture.*\n.*d\.png cannot be read", str(caught.value))
    assert not (tmp_path / "out").exists()


def test_missing_and_empty_places_are_named(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"nowhere\.png does not exist"):
        collect([tmp_path / "nowhere.png"], tmp_path / "out")
    with pytest.raises(DataError, match="empty holds no pictures"):
        collect([tmp_path / "empty"], tmp_path / "out")
    with pytest.raises(DataError, match="no pictures to translate"):
        collect([], tmp_path / "out")
    with pytest.raises(ZooError, match=r"a\.png is a file; the translated pictures need a folder"):
        collect([folder], folder / "a.png")
