import hashlib
import random as python_random

import numpy as np
import pytest
import tifffile
from data.pictures_on_disk import (
    flat,
    noise,
    save,
    save_deep,
    save_pairs,
    save_truncated,
    save_two,
)
from PIL import Image

from zoo.data.folder import folder
from zoo.data.transforms import resize
from zoo.errors import DataError
from zoo.pictures import to_float, to_uint8
from zoo.pictures.settings import FormatSettings

NAMES = [f"{number:02}" for number in range(20)]


def open_folder(path, **arguments):
    return folder(path=str(path), **({"size": 8} | arguments))


def names(examples):
    return [pair.name for pair in examples.stored.pairs]


def refused(path, **arguments):
    with pytest.raises(DataError) as raised:
        open_folder(path, **arguments)
    return str(raised.value).replace(str(path), "ROOT")


# ---- layouts


LAYOUTS = {
    "files side by side": ("side_by_side", lambda root: save_pairs(root, NAMES)),
    "A and B": ("two_folders", lambda root: save_two(root / "A", root / "B", NAMES)),
}
PARTED = {
    "train": ("side_by_side", lambda root, part: save_pairs(root / part, NAMES)),
    "train/A": (
        "two_folders",
        lambda root, part: save_two(root / part / "A", root / part / "B", NAMES),
    ),
    "trainA": (
        "two_folders",
        lambda root, part: save_two(root / f"{part}A", root / f"{part}B", NAMES),
    ),
    "A/train": (
        "two_folders",
        lambda root, part: save_two(root / "A" / part, root / "B" / part, NAMES),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_without_parts_a_share_is_held_out(tmp_path, name):
    layout, write = LAYOUTS[name]
    write(tmp_path)
    for asked in ("auto", layout):
        dataset = open_folder(tmp_path, layout=asked, test_share=0.25)
        assert (len(dataset.train), len(dataset.test)) == (15, 5)
        assert sorted(names(dataset.train) + names(dataset.test)) == NAMES


@pytest.mark.parametrize("name", PARTED)
@pytest.mark.parametrize("test_part", ["test", "val"])
def test_parts_are_found(tmp_path, name, test_part):
    layout, write = PARTED[name]
    write(tmp_path, "train")
    write(tmp_path, test_part)
    for asked in ("auto", layout):
        dataset = open_folder(tmp_path, layout=asked)
        assert names(dataset.train) == names(dataset.test) == NAMES
        assert all(
            "train" in str(pair.a.relative_to(tmp_path)) for pair in dataset.train.stored.pairs
        )
        assert all(
            test_part in str(pair.a.relative_to(tmp_path)) for pair in dataset.test.stored.pairs
        )


def test_test_comes_before_val(tmp_path):
    for part in ("train", "val", "test"):
        save_pairs(tmp_path / part, [part])
    dataset = open_folder(tmp_path)
    assert (names(dataset.train), names(dataset.test)) == (["train"], ["test"])
    assert names(open_folder(tmp_path, test="val").test) == ["val"]


def test_a_train_part_alone_is_split(tmp_path):
    save_pairs(tmp_path / "train", NAMES)
    dataset = open_folder(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (18, 2)


def test_folders_have_the_names_that_are_given(tmp_path):
    save_two(tmp_path / "learn" / "maps", tmp_path / "learn" / "photos", NAMES)
    save_two(tmp_path / "judge" / "maps", tmp_path / "judge" / "photos", ["x"])
    dataset = open_folder(tmp_path, a="maps", b="photos", train="learn", test="judge")
    assert (names(dataset.train), names(dataset.test)) == (NAMES, ["x"])


def test_a_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save_pairs(tmp_path / "pictures", NAMES)
    assert len(open_folder("~/pictures").train) == 18


def test_files_that_are_no_pictures_or_hidden_are_left_alone(tmp_path):
    save_pairs(tmp_path, NAMES)
    (tmp_path / "README.txt").write_text("about")
    (tmp_path / ".hidden.png").write_text("no picture")
    assert open_folder(tmp_path).skipped == ()


# ---- the split


def test_held_out_are_the_names_of_the_least_hash(tmp_path):
    save_pairs(tmp_path, NAMES)
    by_hash = sorted(NAMES, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    np.random.seed(1)
    python_random.seed(1)
    assert names(open_folder(tmp_path, test_share=0.2).test) == sorted(by_hash[:4])
    assert names(open_folder(tmp_path, test_share=0.01).test) == by_hash[:1]


def test_the_split_depends_on_names_alone(tmp_path):
    save_pairs(tmp_path / "one", NAMES, suffix=".png")
    save_two(tmp_path / "two" / "A", tmp_path / "two" / "B", NAMES, size=(9, 4), suffix=".bmp")
    one, two = (open_folder(tmp_path / which) for which in ("one", "two"))
    assert names(one.test) == names(two.test)


# ---- what examples are


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".PNG"])
def test_lossless_files_come_as_they_are(tmp_path, suffix):
    save_pairs(tmp_path, NAMES, suffix=suffix)
    dataset = open_folder(tmp_path)
    example = dataset.test.example(0, None)
    a = noise(8, 8, NAMES.index(names(dataset.test)[0]))
    assert example["source"].dtype == np.float32
    np.testing.assert_array_equal(example["source"], to_float(a))
    np.testing.assert_array_equal(example["target"], to_float(255 - a))
    assert dataset.source_shape == dataset.target_shape == (8, 8, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_files_come_nearly_as_they_are(tmp_path, suffix):
    for name in NAMES:
        halves = [flat(16, 16, (200, 60, 10)), flat(16, 16, (10, 60, 200))]
        save(tmp_path / f"{name}{suffix}", np.concatenate(halves, axis=1))
    example = open_folder(tmp_path, size=16).test.example(0, None)
    # Away from the seam, across which these formats mix colours.
    a, b = to_uint8(example["source"])[:, :12], to_uint8(example["target"])[:, 4:]
    assert np.abs(a - np.array([200, 60, 10], "f4")).max() < 8
    assert np.abs(b - np.array([10, 60, 200], "f4")).max() < 8


def test_the_suffixes_of_two_folders_may_differ(tmp_path):
    for name in NAMES:
        save(tmp_path / "A" / f"{name}.png", noise(8, 8))
        save(tmp_path / "B" / f"{name}.jpg", noise(8, 8))
    assert len(open_folder(tmp_path).train) == 18


@pytest.mark.parametrize("layout", ["side_by_side", "two_folders"])
def test_direction_swaps_source_and_target(tmp_path, layout):
    save_pairs(tmp_path, NAMES) if layout == "side_by_side" else save_two(
        tmp_path / "A", tmp_path / "B", NAMES
    )
    there, back = (open_folder(tmp_path, direction=way) for way in ("a_to_b", "b_to_a"))
    assert there.summary == "ROOT, A to B, 8 x 8 px: 18 pairs to train, 2 held out".replace(
        "ROOT", str(tmp_path)
    )
    assert ", B to A, " in back.summary
    for chance in (None, 3):
        one, other = (
            data.train.example(0, chance and np.random.default_rng(chance))
            for data in (there, back)
        )
        np.testing.assert_array_equal(one["source"], other["target"])
        np.testing.assert_array_equal(one["target"], other["source"])
        assert not np.array_equal(one["source"], one["target"])


def test_a_picture_is_cut_in_two_before_it_is_resized(tmp_path):
    black_and_white = np.concatenate([flat(20, 20, 0), flat(20, 20, 255)], axis=1)
    for name in NAMES:
        save(tmp_path / f"{name}.png", black_and_white)
    dataset = open_folder(tmp_path, size=13)
    for random in (None, np.random.default_rng(0)):
        example = dataset.train.example(0, random)
        assert example["source"].max() == -1
        assert example["target"].min() == 1


@pytest.mark.parametrize("size", [6, (4, 10)])
def test_examples_have_the_size_and_plain_ones_are_resized(tmp_path, size):
    save_two(tmp_path / "A", tmp_path / "B", NAMES, size=(12, 9))
    dataset = open_folder(tmp_path, size=size)
    height, width = size if isinstance(size, tuple) else (size, size)
    assert dataset.source_shape == dataset.target_shape == (height, width, 3)
    plain = dataset.train.example(0, None)
    a = noise(12, 9, NAMES.index(names(dataset.train)[0]))
    np.testing.assert_array_equal(plain["source"], to_float(resize(a, height, width)))
    augmented = dataset.train.example(0, np.random.default_rng(0))
    assert augmented["source"].shape == augmented["target"].shape == (height, width, 3)


def test_training_pairs_are_resized_to_286_and_cropped_to_256_as_in_the_paper(tmp_path):
    save_pairs(tmp_path, ["0", "1"], size=(300, 300))
    dataset = open_folder(tmp_path, size=256, flip=False)
    a = noise(300, 300, int(names(dataset.train)[0]))
    enlarged = resize(a, 286, 286)
    places = set()
    for seed in range(4):
        crop = to_uint8(dataset.train.example(0, np.random.default_rng(seed))["source"])
        found = np.argwhere((enlarged[:31, :31] == crop[0, 0]).all(-1))
        (place,) = [
            (top, left)
            for top, left in found
            if np.array_equal(enlarged[top : top + 256, left : left + 256], crop)
        ]
        places.add(place)
    assert len(places) == 4


@pytest.mark.parametrize(
    "augmentation", [{}, {"turns": True}, {"flip": False}, {"jitter": 0.0, "turns": True}]
)
def test_both_pictures_are_moved_alike_and_by_the_generator_alone(tmp_path, augmentation):
    save_two(tmp_path / "A", tmp_path / "B", NAMES, size=(16, 16))
    dataset = open_folder(tmp_path, size=16, **augmentation)
    seen = set()
    for seed in range(20):
        first, again = (dataset.train.example(1, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(first["source"], again["source"])
        # B is A's negative; bicubic filters treat both alike but for rounding.
        assert np.abs(first["source"] + first["target"]).max() <= 2.1 / 255
        seen.add(first["source"].tobytes())
    assert len(seen) > 5


def test_without_any_augmentation_training_examples_are_plain(tmp_path):
    save_pairs(tmp_path, NAMES)
    dataset = open_folder(tmp_path, flip=False, jitter=0.0)
    plain, augmented = (dataset.train.example(2, r) for r in (None, np.random.default_rng(0)))
    np.testing.assert_array_equal(plain["source"], augmented["source"])


def test_turned_photographs_are_measured_as_they_are_seen(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    for name in NAMES:
        (tmp_path / "A").mkdir(exist_ok=True)
        Image.fromarray(noise(6, 10)).save(tmp_path / "A" / f"{name}.jpg", exif=turned)
        save(tmp_path / "B" / f"{name}.png", noise(10, 6))
    for verify in (True, False):
        assert len(open_folder(tmp_path, verify=verify).train) == 18


# ---- what cannot be used


def test_a_folder_that_does_not_exist(tmp_path):
    (tmp_path / "pictures").mkdir()
    assert refused(tmp_path / "picturs") == "the picture folder ROOT does not exist. " + (
        "Did you mean 'pictures'?"
    )
    assert refused(tmp_path / "no" / "where") == "the picture folder ROOT does not exist."


def test_a_file_in_place_of_a_folder(tmp_path):
    path = save(tmp_path / "a.png", noise(8, 8))
    assert refused(path) == "the picture folder ROOT is a file, not a folder"


ENDINGS = ".jpg, .jpeg, .png, .webp, .tif, .tiff, .bmp, .dcm, .npy"
HALVES = "pictures with A on their left half and B on their right"


@pytest.mark.parametrize(
    ("folders", "arguments", "message"),
    [
        (
            [],
            {},
            f"ROOT holds no pictures; expected {HALVES} or the folders A and B, there or in train "
            f"and test, as files that end in {ENDINGS}.",
        ),
        (
            ["maps", "photos"],
            {"a": "map", "b": "photo", "layout": "two_folders"},
            "ROOT holds no pictures; expected the folders map and photo, there or in train and "
            f"test, as files that end in {ENDINGS}; the folders there are maps, photos. "
            "Did you mean 'maps'?",
        ),
        (
            ["A", "B"],
            {"layout": "side_by_side"},
            f"ROOT holds no pictures; expected {HALVES}, there or in train and test, "
            f"as files that end in {ENDINGS}; the folders there are A, B.",
        ),
    ],
)
def test_nothing_there(tmp_path, folders, arguments, message):
    for name in folders:
        (tmp_path / name).mkdir()
    assert refused(tmp_path, **arguments) == message


def test_files_of_another_kind_are_named_by_their_suffix(tmp_path):
    for name in ("A/1.gif", "B/1.gif", "B/.hidden.txt", "B/2"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert refused(tmp_path) == (
        "ROOT holds no pictures that are read: the 3 files there end in .gif, no suffix; expected "
        f"{HALVES} or the folders A and B, there or in train and test, as files that end in {ENDINGS}; "
        "the folders there are A, B."
    )


def test_one_folder_without_the_other(tmp_path):
    save_pairs(tmp_path / "A", NAMES)
    assert refused(tmp_path) == (
        "there is a folder ROOT/A, but no folder ROOT/B to pair it with; "
        "name the two folders with a and b"
    )


def test_two_layouts_at_once(tmp_path):
    save_pairs(tmp_path, ["x"])
    save_two(tmp_path / "A", tmp_path / "B", NAMES)
    assert refused(tmp_path) == (
        "ROOT holds 1 picture and also the folders A and B: "
        "set layout to side_by_side or two_folders to say which is meant"
    )
    assert len(open_folder(tmp_path, layout="two_folders").train) == 18


def test_parts_and_pictures_at_once(tmp_path):
    save_pairs(tmp_path, ["x"])
    save_pairs(tmp_path / "train", NAMES)
    assert refused(tmp_path) == (
        "ROOT holds pictures and also the part train; move the pictures away, "
        "or name ROOT/train as path"
    )


def unpaired(root):
    save_two(root / "A", root / "B", NAMES)
    save(root / "A" / "more.png", noise(8, 8))
    save(root / "B" / "other.png", noise(8, 8))
    save(root / "B" / "03.jpg", noise(8, 8))


def unreadable(root):
    save_pairs(root, NAMES)
    (root / "05.png").write_text("no picture")
    (root / "06.png").write_bytes(b"")
    save_deep(root / "07.png")


def unreadable_partner(root):
    save_two(root / "A", root / "B", NAMES)
    (root / "B" / "05.png").write_text("no picture")


def differently_sized(root):
    save_two(root / "A", root / "B", NAMES)
    save(root / "A" / "04.png", noise(8, 12))


def odd(root):
    save_pairs(root, NAMES)
    save(root / "09.png", noise(8, 15))


ADVICE = "\nRepair or remove what is named here, or set on_error to skip to leave it out."
NO_PICTURE = (
    "is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy"
)
BAD = {
    "unpaired": (
        unpaired,
        19,
        [
            "A/03.png: more than two files have this name: 03.jpg, 03.png",
            "A/more.png: has no partner of the same name in ROOT/B",
            "B/03.jpg: more than two files have this name: 03.jpg, 03.png",
            "B/03.png: more than two files have this name: 03.jpg, 03.png",
            "B/other.png: has no partner of the same name in ROOT/A",
        ],
    ),
    "unreadable": (
        unreadable,
        17,
        [
            f"05.png: {NO_PICTURE}",
            "06.png: is empty; expected a picture",
            "07.png: has values of 16 bits; expected 8 bits",
        ],
    ),
    "an unreadable partner": (
        unreadable_partner,
        19,
        ["A/05.png: its partner 05.png cannot be used", f"B/05.png: {NO_PICTURE}"],
    ),
    "of different sizes": (
        differently_sized,
        19,
        ["A/04.png: is 12 x 8 pixels, but its partner ROOT/B/04.png is 8 x 8"],
    ),
    "of an odd width": (
        odd,
        19,
        ["09.png: is 15 pixels wide, which cannot be halved into two pictures side by side"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_pictures_that_cannot_be_used_are_named(tmp_path, name):
    write, _, lines = BAD[name]
    write(tmp_path)
    count = "1 picture" if len(lines) == 1 else f"{len(lines)} pictures"
    listed = "\n".join(f"  {line}" for line in lines)
    assert refused(tmp_path) == f"{count} in ROOT cannot be used:\n{listed}{ADVICE}"


@pytest.mark.parametrize("name", BAD)
def test_pictures_that_cannot_be_used_are_skipped_if_asked(tmp_path, name):
    write, left, lines = BAD[name]
    write(tmp_path)
    dataset = open_folder(tmp_path, on_error="skip")
    assert [line.replace(str(tmp_path), "ROOT") for line in dataset.skipped] == lines
    count = "1 file" if len(lines) == 1 else f"{len(lines)} files"
    assert dataset.summary.endswith(f", {count} skipped")
    for examples in (dataset.train, dataset.test):
        for index in range(len(examples)):
            assert examples.example(index, None)["source"].shape == (8, 8, 3)
    assert len(dataset.train) + len(dataset.test) == left


@pytest.mark.parametrize("name", ["unreadable", "of different sizes", "of an odd width"])
def test_headers_alone_tell_nearly_the_same(tmp_path, name):
    write, left, lines = BAD[name]
    write(tmp_path)
    dataset = open_folder(tmp_path, on_error="skip", verify=False)
    assert [line.split(": ")[0] for line in dataset.skipped] == [
        line.split(": ")[0] for line in lines
    ]
    assert len(dataset.train) + len(dataset.test) == left


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp"])
def test_a_file_that_is_broken_in_its_body_is_found_at_the_start(tmp_path, suffix):
    save_pairs(tmp_path, NAMES)
    save_truncated(tmp_path / f"broken{suffix}")
    message = refused(tmp_path)
    assert message.startswith(f"1 picture in ROOT cannot be used:\n  broken{suffix}: ")
    assert message.endswith(ADVICE)


def test_after_ten_names_comes_a_count(tmp_path):
    save_pairs(tmp_path, NAMES)
    for name in NAMES[:13]:
        (tmp_path / f"{name}.png").write_text("no picture")
    lines = refused(tmp_path).splitlines()
    assert lines[0] == "13 pictures in ROOT cannot be used:"
    assert lines[1] == f"  00.png: {NO_PICTURE}"
    assert lines[10] == f"  09.png: {NO_PICTURE}"
    assert lines[11] == "  and 3 more"
    assert len(lines) == 13


def test_one_pair_cannot_be_split(tmp_path):
    save_pairs(tmp_path, ["x"])
    assert refused(tmp_path) == (
        "ROOT has 0 pairs to train on and 1 held out; expected at least one of each"
    )


def test_nothing_left_after_skipping(tmp_path):
    for name in NAMES[:3]:
        save(tmp_path / f"{name}.png", noise(4, 5))
    assert refused(tmp_path, on_error="skip") == (
        "ROOT has 0 pairs to train on and 0 held out, and 3 pictures cannot be used; "
        "expected at least one of each"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"turns": True, "size": (8, 16)},
            "turns needs square pictures, but the size is 8 x 16; "
            "set turns to false or use one number as size",
        ),
        ({"size": 0}, "the size is 0 x 0; expected at least 1 pixel each way"),
        ({"size": (8, -1)}, "the size is 8 x -1; expected at least 1 pixel each way"),
        ({"a": "x", "b": "x"}, "a and b are both 'x'; name two different folders"),
    ],
)
def test_arguments_that_contradict_each_other(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        open_folder(tmp_path, **arguments)


def test_a_file_that_alone_marks_holes_is_named(tmp_path, monkeypatch):
    """Unless it is among those that are looked at for the format, its holes would be read as heights."""
    monkeypatch.setattr("zoo.pictures.settings.LOOKED_AT", 1)
    for name, tags in (("0", ()), ("1", [(42113, "s", 0, "-9999", True)]), ("2", ())):
        for side in "AB":
            (tmp_path / side).mkdir(exist_ok=True)
            heights = np.full((8, 8), 7, np.int16)
            tifffile.imwrite(tmp_path / side / f"{name}.tif", heights, extratags=tags)
    form = FormatSettings(channels=1, range=(0.0, 100.0))
    with pytest.raises(DataError) as caught:
        folder(path=str(tmp_path), size=8, source_format=form, target_format=form)
    assert (
        "1.tif: marks holes by -9999 (tag 42113), which others do not; set nodata to that value"
        in str(caught.value)
    )
