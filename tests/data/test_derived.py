import inspect
import re
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from data.pictures_on_disk import flat, noise, save
from PIL import Image

from zoo.data.colour import grey, lab_of_srgb
from zoo.data.derived import Derivation, derive
from zoo.data.derived.dataset import derived
from zoo.data.derived.functions import FUNCTIONS
from zoo.data.folder import folder
from zoo.data.loader import Loader
from zoo.data.transforms import resize
from zoo.errors import DataError
from zoo.pictures import RGB, PictureFormat, to_float, to_uint8, write_picture
from zoo.pictures.settings import FormatSettings

NAMES = [f"{number:02}" for number in range(10)]
DEFAULTS = {
    name: parameter.default for name, parameter in inspect.signature(derived).parameters.items()
}


@pytest.fixture
def pictures(tmp_path):
    for seed, name in enumerate(NAMES):
        save(tmp_path / f"{name}.png", noise(16, 16, seed))
    return tmp_path


def open_derived(path, function, **arguments):
    return derived(path=str(path), function=function, **({"size": 16} | arguments))


def refused(path, function, error=DataError, **arguments):
    with pytest.raises(error) as raised:
        open_derived(path, function, **arguments)
    return str(raised.value).replace(str(path), "ROOT")


def names(examples):
    return [picture.name for picture in examples.targets.stored.pictures]


# ---- the folder


@pytest.mark.parametrize("function", FUNCTIONS)
def test_targets_are_the_pictures_and_sources_fit_them(pictures, function):
    dataset = open_derived(pictures, function)
    depth = 1 if function in ("grey", "edges") else 3
    assert (dataset.source_shape, dataset.target_shape) == ((16, 16, depth), (16, 16, 3))
    assert dataset.formats.source.depth == depth
    assert dataset.formats.target == RGB
    assert dataset.paired
    assert dataset.test_paired
    assert dataset.summary == (
        f"{pictures}, {function} to pictures, 16 x 16 px: 9 pictures to train, 1 held out"
    )
    (name,) = names(dataset.test)
    plain = dataset.test.example(0, None)
    np.testing.assert_array_equal(plain["target"], to_float(noise(16, 16, int(name))))
    for example in (plain, dataset.train.example(0, np.random.default_rng(0))):
        assert example["source"].dtype == example["target"].dtype == np.float32
        assert example["source"].shape == dataset.source_shape
        assert np.abs(example["source"]).max() <= 1


def test_pictures_are_held_out_as_those_of_a_folder_of_pairs(pictures, tmp_path):
    for seed, name in enumerate(NAMES):
        save(tmp_path / "pairs" / f"{name}.png", noise(16, 32, seed))
    pairs: Any = folder(path=str(tmp_path / "pairs"), size=16, test_share=0.3)
    alone = open_derived(pictures, "grey", test_share=0.3)
    assert names(alone.test) == [pair.name for pair in pairs.test.stored.pairs]
    assert sorted(names(alone.train) + names(alone.test)) == NAMES


@pytest.mark.parametrize("held_out", ["test", "val"])
def test_parts_are_found(tmp_path, held_out):
    save(tmp_path / "train" / "a.png", noise(16, 16))
    save(tmp_path / held_out / "b.png", noise(16, 16))
    dataset = open_derived(tmp_path, "grey")
    assert (names(dataset.train), names(dataset.test)) == (["a"], ["b"])


def test_folders_in_folders(tmp_path):
    for place in ("a/1.png", "a/b/2.png"):
        save(tmp_path / place, noise(16, 16))
    assert refused(tmp_path, "grey") == (
        "ROOT holds no pictures, neither itself nor in train; expected files that end in .jpg, .jpeg, .png, .webp, "
        ".tif, .tiff, .bmp, .dcm, .npy; set nested to true if they are in folders further down"
    )
    dataset = open_derived(tmp_path, "grey", nested=True)
    assert sorted(names(dataset.train) + names(dataset.test)) == ["a/1", "a/b/2"]


def test_a_folder_that_does_not_exist(pictures):
    (pictures / "photos").mkdir()
    message = refused(pictures / "fotos", "grey")
    assert message == "the picture folder ROOT does not exist. Did you mean 'photos'?"


def test_pictures_that_cannot_be_used_are_named_or_skipped(pictures):
    (pictures / "05.png").write_text("no picture")
    assert refused(pictures, "grey") == (
        "1 picture in ROOT cannot be used:\n"
        "  05.png: is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy\n"
        "Repair or remove what is named here, or set on_error to skip to leave it out."
    )
    dataset = open_derived(pictures, "grey", on_error="skip")
    assert len(dataset.train) + len(dataset.test) == 9
    assert len(dataset.skipped) == 1


def test_pictures_stay_in_memory_before_augmentation(pictures):
    kept = open_derived(pictures, "masked", cache=True)
    fresh = open_derived(pictures, "masked")
    for seed in (0, 0, 1):
        one, other = (data.train.example(0, np.random.default_rng(seed)) for data in (kept, fresh))
        np.testing.assert_array_equal(one["source"], other["source"])


# Of `masked` the chance goes on from that of the augmentation.
@pytest.mark.parametrize("function", sorted(FUNCTIONS.keys() - {"masked"}))
def test_the_function_sees_what_the_network_will_see(pictures, function):
    dataset = open_derived(pictures, function, turns=True, rotate=20.0, scale=0.2)
    for seed in range(5):
        example = dataset.train.example(0, np.random.default_rng(seed))
        again = dataset.train.function(example["target"], np.random.default_rng(9))
        np.testing.assert_array_equal(example["source"], again)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_examples_depend_on_seed_epoch_and_position_alone(pictures, function):
    def batches(workers):
        examples = open_derived(pictures, function).train
        loader = Loader(examples, 2, seed=3, shuffle=True, augment=True, workers=workers)
        return [loader[index]["source"] for index in range(len(loader))]

    for one, other in zip(batches(0), batches(2), strict=True):
        np.testing.assert_array_equal(one, other)


# ---- what the functions make


def test_grey_is_what_a_colour_file_becomes_that_is_read_as_grey(pictures):
    dataset = open_derived(pictures, "grey")
    assert dataset.formats.source == PictureFormat("grey")
    example = dataset.test.example(0, None)
    file = pictures / f"{names(dataset.test)[0]}.png"
    read = dataset.formats.source.to_network(dataset.formats.source.read(file))
    # In files it is rounded.
    assert np.abs(example["source"] - read).max() <= 0.5 / 127.5 + 1e-6


def test_grey_of_deep_pictures_is_deep(tmp_path):
    for name in NAMES:
        write_picture(tmp_path / f"{name}.png", np.full((16, 16, 3), 30000, np.uint16))
    settings = FormatSettings(range=(0, 60000))
    dataset = open_derived(tmp_path, "grey", target_format=settings)
    assert dataset.formats.source == replace(dataset.formats.target, channels="grey")
    assert dataset.formats.source.dtype == "uint16"
    np.testing.assert_allclose(dataset.test.example(0, None)["source"], 0, atol=1e-6)


def test_lightness_is_neutral_and_of_the_lightness_of_the_target(pictures):
    dataset = open_derived(pictures, "lightness")
    assert dataset.formats.source == RGB
    example = dataset.train.example(0, np.random.default_rng(0))
    source, target = ((example[side] + 1.0) / 2 for side in ("source", "target"))
    assert (source == source[..., :1]).all()
    assert np.abs(lab_of_srgb(source) - lab_of_srgb(target))[..., 0].max() < 0.05
    rounded = grey(to_uint8(example["target"])).astype(int)
    assert np.abs(rounded - to_uint8(example["source"])).max() <= 1


def test_edges_are_black_lines_on_white_where_the_picture_changes(tmp_path):
    for name in NAMES:
        picture = flat(32, 32, (0, 0, 0))
        picture[:, 16:] = 255
        save(tmp_path / f"{name}.png", picture)
    example = open_derived(tmp_path, "edges", size=32).test.example(0, None)["source"]
    rows, columns = np.nonzero(example[..., 0] == -1)
    assert set(np.unique(example)) == {-1, 1}
    assert set(columns) <= {15, 16}
    assert set(range(2, 30)) <= set(rows)


def test_higher_thresholds_and_more_smoothing_leave_fewer_lines(pictures):
    def lines(**arguments):
        return sum(
            (
                open_derived(pictures, "edges", **arguments).train.example(index, None)["source"]
                < 0
            ).sum()
            for index in range(9)
        )

    many = lines(thresholds=(20.0, 60.0), smoothing=0.0)
    assert many > lines(thresholds=(200.0, 600.0), smoothing=0.0) > 0
    assert many > lines(thresholds=(20.0, 60.0), smoothing=3.0)


def test_edges_of_pictures_of_many_channels(tmp_path):
    for name in NAMES:
        np.save(tmp_path / f"{name}.npy", np.zeros((16, 16, 6), np.float32))
    settings = FormatSettings(channels=6, range=(0, 1))
    dataset = open_derived(tmp_path, "edges", target_format=settings)
    assert (dataset.source_shape, dataset.target_shape) == ((16, 16, 1), (16, 16, 6))
    assert dataset.formats.source == PictureFormat("grey")
    assert (dataset.test.example(0, None)["source"] == 1).all()


@pytest.mark.parametrize("factor", [2, 8])
def test_downscaled_pictures_are_means_enlarged(pictures, factor):
    example = open_derived(pictures, "downscaled", factor=factor).test.example(0, None)
    target = example["target"]
    side = 16 // factor
    means = target.reshape(side, factor, side, factor, 3).mean(axis=(1, 3))
    enlarged = np.clip(resize(means, 16, 16), -1, 1)
    np.testing.assert_allclose(example["source"], enlarged, atol=1e-5)


@pytest.mark.parametrize(("hole", "side"), [(0.25, 8), (0.5, 11), (0.01, 2)])
def test_a_hole_has_its_share_and_its_value(pictures, hole, side):
    dataset = open_derived(pictures, "masked", hole=hole, fill=1.0, flip=False, jitter=0.0)
    example = dataset.train.example(0, np.random.default_rng(1))
    changed = (example["source"] != example["target"]).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (side, side)
    inside = example["source"][rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (inside == 1).all()


def test_the_place_of_a_hole_is_drawn_in_training_and_fixed_by_the_index_otherwise(pictures):
    dataset = open_derived(pictures, "masked", test_share=0.5, flip=False, jitter=0.0, fill=-1.0)

    def place(examples, index, random):
        example = examples.example(index, random)
        return tuple(np.argwhere(example["source"] != example["target"])[0])

    drawn = {place(dataset.train, 0, np.random.default_rng(seed)) for seed in range(8)}
    assert len(drawn) > 4
    fixed = [{place(dataset.test, index, None) for _ in range(3)} for index in range(5)]
    assert all(len(places) == 1 for places in fixed)
    assert len(set.union(*fixed)) > 1


# ---- what is refused


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("grey", {"hole": 0.5}, "hole is for function masked, but the function is grey"),
        (
            "edges",
            {"factor": 2},
            "factor is for function downscaled, but the function is edges",
        ),
        (
            "downscaled",
            {"smoothing": 0.0},
            "smoothing is for function edges, but the function is downscaled",
        ),
        (
            "edges",
            {"thresholds": (9.0, 3.0)},
            "thresholds are 9 and 3; expected two of at least 0, the lower first",
        ),
        (
            "downscaled",
            {"factor": 3},
            "pictures of 16 x 16 pixels cannot be reduced by the factor 3; expected a size that is a multiple of it",
        ),
        (
            "grey",
            {"target_format": FormatSettings(channels="grey")},
            "function grey takes the colours away, but target_format.channels is grey; expected rgb",
        ),
        (
            "lightness",
            {"target_format": FormatSettings(percentiles=(1, 99))},
            "function lightness needs one range for all colours; set target_format.range and no percentiles",
        ),
        (
            "masked",
            {"target_format": FormatSettings(classes=3)},
            "function masked works on pictures, but target_format.classes says that targets are label maps; "
            "leave the classes out",
        ),
        (
            "masked",
            {"turns": True, "size": (8, 16)},
            "turns needs square pictures, but the size is 8 x 16; set turns to false or use one number as size",
        ),
    ],
)
def test_arguments_without_meaning(pictures, function, arguments, message):
    assert refused(pictures, function, ValueError, **arguments) == message


def test_every_argument_of_a_function_is_one_of_the_dataset():
    taken = [name for make in FUNCTIONS.values() for name in inspect.signature(make).parameters]
    assert sorted(taken) == sorted(set(taken))
    assert set(taken) <= DEFAULTS.keys()
    assert get_args(get_type_hints(derived)["function"]) == tuple(FUNCTIONS)


# ---- people's own functions


def test_a_function_of_ones_own(pictures):
    def noisy(target, random):
        return np.clip(target + random.normal(0, 0.1, target.shape), -1, 1).astype(np.float32)

    dataset = derive(Derivation("noisy", noisy), str(pictures), size=16)
    assert "noisy to pictures" in dataset.summary
    one, other = (dataset.test.example(0, None)["source"] for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda target, random: target.astype("f8"),
            "function mine returned float64 of shape (16, 16, 3); "
            "expected float32 of shape (16, 16, 3) in [-1, 1]",
        ),
        (
            lambda target, random: target[:8],
            "function mine returned float32 of shape (8, 16, 3); "
            "expected float32 of shape (16, 16, 3) in [-1, 1]",
        ),
        (
            lambda target, random: np.full_like(target, 2),
            "function mine returned values from 2 to 2; expected float32 of shape (16, 16, 3) in [-1, 1]",
        ),
        (
            lambda target, random: np.full_like(target, np.nan),
            "function mine returned values from nan to nan; expected float32 of shape (16, 16, 3) in [-1, 1]",
        ),
        (
            lambda target, random: None,
            "function mine returned NoneType; expected an array, float32 of shape (16, 16, 3) in [-1, 1]",
        ),
        (
            lambda target, random: np.negative(target, out=target),
            "function mine changed its target; expected a new array",
        ),
    ],
)
def test_a_function_that_does_something_else(pictures, function, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        derive(Derivation("mine", function), str(pictures), size=16)


def test_turned_photographs_are_seen_upright(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    for name in NAMES:
        Image.fromarray(noise(16, 32)).save(tmp_path / f"{name}.jpg", exif=turned)
    assert open_derived(tmp_path, "grey", preprocess="none").target_shape == (32, 16, 3)
