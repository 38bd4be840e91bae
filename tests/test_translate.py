import re

import keras
import numpy as np
import pytest
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.pictures import read_picture
from zoo.translate import Translator, collect

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
    hann = np.sin(np.pi * (np.arange(32) + 0.5) / 32) ** 2
    weight = hann[16:] / (hann[16:] + hann[:16])
    np.testing.assert_allclose(line[:16], ramp[:16], atol=1e-6)
    np.testing.assert_allclose(line[32:], ramp[16:], atol=1e-6)
    np.testing.assert_allclose(
        line[16:32], weight * ramp[16:] + (1 - weight) * ramp[:16], atol=1e-6
    )
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
    assert translator.channels == 1
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
    with pytest.raises(ZooError, match="paints 5 channels"):
        Translator(five, SIZE)(Image.new("RGB", (8, 8)))


@pytest.mark.parametrize(
    "options", [{"size": (0, 4)}, {"batch_size": 0}, {"overlap": 1.0}, {"overlap": -0.1}]
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
