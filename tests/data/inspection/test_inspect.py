"""Every layout and depth: what is found, and that the proposed dataset section opens it."""

import json
from typing import Any

import numpy as np
import pytest
from data.pictures_on_disk import noise, save, save_pairs, save_truncated, save_two
from ruamel.yaml import YAML

import zoo
from zoo.data.inspection.inspect import inspect
from zoo.errors import DataError

NAMES = [f"{number:02}" for number in range(8)]


def opened(found):
    """Open the dataset that an inspection proposes, through the check of recipes."""
    section = YAML(typ="safe").load(found.proposal.to_yaml())["dataset"]
    component = zoo.load_host().registry.get("dataset", section.pop("name"))
    return component.create(component.resolve(section))


def counts(found):
    return {part.name: (part.counts, part.use) for part in found.parts}


def both(a, b, names=NAMES, suffix=".png"):
    return lambda root: save_two(root / a, root / b, names, (32, 32), suffix)


def several(*makers):
    def make(root):
        for maker in makers:
            maker(root)

    return make


def beside(folder):
    return lambda root: save_pairs(root / folder, NAMES, (32, 32))


def seamed(folder):
    """Side by side without noise, black and white."""
    both = np.repeat(np.array([0, 255], np.uint8), 32)[None, :, None].repeat(32, 0).repeat(3, 2)
    return lambda root: [save(root / folder / f"{name}.png", both) for name in NAMES]


def alone(folder):
    """Pictures as high as wide, each by itself."""
    return lambda root: [
        save(root / folder / f"{name}.png", noise(32, 32, seed)) for seed, name in enumerate(NAMES)
    ]


# By name: what makes it, the kind of layout, the proposed arguments beside name, path and size.
LAYOUTS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "side by side": (beside("."), "side by side", {}),
    "side by side in parts": (several(beside("train"), beside("test")), "side by side", {}),
    "side by side, other parts": (
        several(beside("Training"), beside("validation")),
        "side by side",
        {"train": "Training", "test": "validation"},
    ),
    "side by side, val": (several(beside("train"), beside("val")), "side by side", {}),
    "side by side, nested": (
        several(seamed("train/one"), seamed("train/two"), seamed("test/two")),
        "side by side",
        {"nested": True},
    ),
    "A B": (both("A", "B"), "two folders", {}),
    "trainA trainB": (
        several(both("trainA", "trainB"), both("testA", "testB")),
        "two folders",
        {},
    ),
    "train/A": (several(both("train/A", "train/B"), both("test/A", "test/B")), "two folders", {}),
    "A/train": (several(both("A/train", "B/train"), both("A/test", "B/test")), "two folders", {}),
    "other names": (both("photos", "labels"), "two folders", {"a": "labels", "b": "photos"}),
    "train_in": (both("train_in", "train_out"), "two folders", {"a": "_in", "b": "_out"}),
    "nested": (
        several(both("A/one", "B/one"), both("A/two", "B/two")),
        "two folders",
        {"nested": True},
    ),
    "pix2pixHD": (
        several(
            both("train_label", "train_img"),
            lambda root: save_pairs(root / "train_inst", NAMES, (32, 32)),
        ),
        "two folders",
        {"a": "_label", "b": "_img"},
    ),
    "pix2pixHD with labels to test": (
        several(
            both("train_label", "train_img"),
            *(
                lambda root, folder=folder: save_pairs(root / folder, NAMES, (32, 32))
                for folder in ("train_inst", "test_label", "test_inst")
            ),
        ),
        "two folders",
        {"a": "_label", "b": "_img", "test": None},
    ),
    "one folder in the archive": (both("facades/A", "facades/B"), "two folders", {}),
    "a picture beside": (
        several(both("A", "B"), lambda root: save(root / "cover.png", noise(8, 8))),
        "two folders",
        {"layout": "two_folders"},
    ),
    "two piles": (
        several(
            lambda root: save_pairs(root / "trainA", "abcd", (32, 16)),
            lambda root: save_pairs(root / "trainB", "vwxyz", (32, 16)),
            lambda root: save_pairs(root / "testA", "ef", (32, 16)),
            lambda root: save_pairs(root / "testB", "ts", (32, 16)),
        ),
        "two piles",
        {"paired": False},
    ),
    "numbered piles of other sizes": (
        several(
            lambda root: save_pairs(root / "cats", NAMES, (32, 16)),
            lambda root: save_pairs(root / "dogs", NAMES, (64, 32)),
        ),
        "two piles",
        {"a": "cats", "b": "dogs", "paired": False},
    ),
    "pictures of one kind": (
        several(alone("train"), alone("test")),
        "one pile",
        {"name": "derived", "function": "edges"},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_found_and_its_proposal_opens_it(tmp_path, name):
    make, kind, arguments = LAYOUTS[name]
    make(tmp_path)
    found = inspect(tmp_path)
    assert found.layout.kind == kind
    proposed = dict(found.proposal.dataset)
    assert proposed.pop("size") == 32
    assert proposed.pop("path").startswith(str(tmp_path))
    assert proposed == {"name": "folder"} | arguments
    dataset = opened(found)
    assert dataset.source_shape[:2] == dataset.target_shape[:2] == (32, 32)
    total = len(dataset.train) + len(dataset.test)
    if kind != "two piles":
        assert total == sum(sum(part.counts.values()) for part in found.parts)
    assert {part.use for part in found.parts} <= {"to train on", "held out"}
    told = any(note.startswith("there is no test part: a tenth") for note in found.notes)
    assert told == (not any(part.use == "held out" for part in found.parts))


def grey16(seed):
    return np.random.default_rng(seed).integers(0, 4096, (32, 32, 1), np.uint16)


def labels(seed):
    return np.repeat(np.arange(4, dtype=np.uint8), 256).reshape(32, 32, 1) * (seed % 2)


# By name: suffix and maker of the source, its channels for a network, and what is proposed for it.
DEPTHS = {
    "grey of 16 bits": (".tif", grey16, 1, {"channels": "grey", "range": [0, 4095]}),
    "grey of 16 bits, PNG": (".png", grey16, 1, {"channels": "grey", "range": [0, 4095]}),
    "floats": (
        ".npy",
        lambda seed: np.random.default_rng(seed).normal(50, 9, (32, 32, 2)).astype("float32"),
        2,
        {"channels": 2, "range": [13.4, 85.0]},
    ),
    "6 channels": (
        ".npy",
        lambda seed: np.random.default_rng(seed).integers(0, 256, (32, 32, 6), np.uint8),
        6,
        {"channels": 6},
    ),
    "12 channels of 16 bits": (
        ".tif",
        lambda seed: np.repeat(grey16(seed), 12, axis=-1),
        12,
        {"channels": 12, "range": [0, 4095]},
    ),
    "grey": (".png", lambda seed: noise(32, 32, seed)[..., :1], 1, {"channels": "grey"}),
    "label maps": (".png", labels, 4, {"classes": 4}),
    "a mask": (
        ".png",
        lambda seed: np.uint8(255) * (labels(1) > seed % 3),
        2,
        {"classes": [0, 255]},
    ),
    "flat": (
        ".tif",
        lambda seed: np.full((32, 32, 1), 7, np.uint16),
        1,
        {"channels": "grey", "range": [7, 8]},
    ),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_every_depth_gets_a_format_that_opens_it(tmp_path, name):
    suffix, draw, depth, settings = DEPTHS[name]
    for seed, file in enumerate(NAMES):
        save(tmp_path / "A" / f"{file}{suffix}", draw(seed))
        save(tmp_path / "B" / f"{file}.jpg", noise(32, 32, seed))
    found = inspect(tmp_path)
    assert found.proposal.dataset["source_format"] == settings
    assert "target_format" not in found.proposal.dataset
    dataset = opened(found)
    assert dataset.source_shape == (32, 32, depth)
    assert np.abs(dataset.train.example(0, None)["source"]).max() <= 1


def test_maps_of_instances_are_named_as_what_they_are(tmp_path):
    for folder in ("train_label", "train_inst", "train_img"):
        save_pairs(tmp_path / folder, NAMES, (32, 32))
    assert (
        "_inst: maps of instances, as pix2pixHD has them beside label maps; they will not be used"
        in inspect(tmp_path).notes
    )


def test_every_hounsfield_unit_comes_back_as_it_was(tmp_path):
    """By the proposed format, from a network that changes nothing."""
    random = np.random.default_rng(13)
    scans = np.clip(random.normal(-100, 600, (8, 64, 64, 1)), -1024, 3072).astype(np.int16)
    scans[0, 0, :2, 0] = -1024, 3072
    for side in "AB":
        for name, scan in zip(NAMES, scans, strict=True):
            save(tmp_path / side / f"{name}.tif", scan)
    found = inspect(tmp_path)
    assert not any("clipped" in note for note in found.notes)
    dataset = opened(found)
    form = dataset.formats.target
    for name, scan in zip(NAMES, scans, strict=True):
        stored = form.read(tmp_path / "B" / f"{name}.tif")
        np.testing.assert_array_equal(form.from_network(form.to_network(stored)), scan)
    every = np.arange(-1024, 3073, dtype=np.int16).reshape(1, -1, 1)
    np.testing.assert_array_equal(form.from_network(form.to_network(every)), every)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_manifest(tmp_path, suffix):
    save_two(tmp_path / "in", tmp_path / "out", NAMES, (64, 64))
    rows = [
        {
            "source": f"in/{name}.png",
            "target": f"out/{name}.png",
            "split": "dev" if name < "02" else "train",
        }
        for name in NAMES
    ]
    path = tmp_path / f"pairs{suffix}"
    if suffix == ".csv":
        lines = [",".join(row.values()) for row in rows]
        path.write_text("\n".join(["source,target,split", *lines]))
    else:
        path.write_text("\n".join(map(json.dumps, rows)))
    found = inspect(path)
    assert found.layout.kind == "manifest"
    assert counts(found) == {
        "dev": ({"pairs": 2}, "held out"),
        "train": ({"pairs": 6}, "to train on"),
    }
    assert found.proposal.dataset == {
        "name": "folder",
        "path": str(path),
        "test": "dev",
        "size": 64,
    }
    dataset = opened(found)
    assert (len(dataset.train), len(dataset.test)) == (6, 2)


def test_a_manifest_of_two_piles(tmp_path):
    save_two(tmp_path / "in", tmp_path / "out", NAMES, (64, 64))
    lines = [f"in/{name}.png,{f'out/{name}.png' if name < '05' else ''}" for name in NAMES]
    path = tmp_path / "piles.csv"
    path.write_text("\n".join(["source,target", *lines]))
    found = inspect(path)
    assert counts(found) == {None: ({"source": 8, "target": 5}, "to train on")}
    assert not opened(found).paired


def test_a_picture_by_itself(tmp_path):
    path = save(tmp_path / "one.png", noise(20, 30))
    found = inspect(path)
    assert (found.layout.kind, found.proposal) == ("one picture", None)
    assert (found.pictures[0].least.width, found.pictures[0].least.height) == (30, 20)


def test_all_that_is_wrong_is_found_and_the_proposal_leaves_it_out(tmp_path):
    save_two(tmp_path / "train/A", tmp_path / "train/B", NAMES, (32, 32))
    save_two(tmp_path / "test/A", tmp_path / "test/B", ["x"], (32, 32))
    train = tmp_path / "train"
    save(train / "A/alone.png", noise(32, 32, 50))
    save_truncated(train / "A/broken.png")
    save(train / "B/broken.png", noise(64, 64, 51))
    (train / "A/text.png").write_text("no picture")
    save(train / "B/text.png", noise(32, 32, 52))
    save(train / "A/larger.png", noise(48, 48, 53))
    save(train / "B/larger.png", noise(32, 32, 54))
    found = inspect(tmp_path)
    assert {found.name(path) for path in found.alone} == {"train/A/alone.png"}
    assert found.alone[train / "A/alone.png"].startswith("has no partner of the same name in ")
    assert {found.name(path) for path in found.unreadable} == {
        "train/A/broken.png",
        "train/A/text.png",
    }
    assert {found.name(path) for path in found.misfits} == {"train/A/larger.png"}
    assert found.proposal.dataset["on_error"] == "skip"
    dataset = opened(found)
    assert (len(dataset.train), len(dataset.test)) == (8, 1)
    skipped = {line.partition(":")[0] for line in dataset.skipped}
    told = found.alone.keys() | found.unreadable.keys() | found.misfits.keys()
    assert {found.name(path) for path in told} <= skipped


def test_copies_between_parts_are_told_from_others(tmp_path):
    save_two(tmp_path / "trainA", tmp_path / "trainB", NAMES, (8, 8))
    save_two(tmp_path / "testA", tmp_path / "testB", ["x", "y"], (16, 16))
    leak = (tmp_path / "trainA/00.png").read_bytes()
    (tmp_path / "testA/x.png").write_bytes(leak)
    (tmp_path / "trainA/02.png").write_bytes((tmp_path / "trainA/01.png").read_bytes())
    (tmp_path / "trainB/03.png").write_bytes((tmp_path / "trainA/03.png").read_bytes())
    # The same pixels in another kind of file.
    picture = noise(16, 16, 1)
    save(tmp_path / "testB/x.bmp", picture)
    (tmp_path / "testB/x.png").unlink()
    save(tmp_path / "testA/y.png", picture)
    by_bytes, by_pixels = inspect(tmp_path).duplicates
    assert by_bytes.between_parts == ((tmp_path / "trainA/00.png", tmp_path / "testA/x.png"),)
    assert by_bytes.within == ((tmp_path / "trainA/01.png", tmp_path / "trainA/02.png"),)
    assert by_bytes.between_sides == ((tmp_path / "trainA/03.png", tmp_path / "trainB/03.png"),)
    assert by_pixels.by == "pixels"
    assert tmp_path / "testB/x.bmp" in by_pixels.between_sides[0]


def test_label_maps_that_are_alike_are_no_copies(tmp_path):
    for number, name in enumerate(NAMES):
        save(tmp_path / "A" / f"{name}.png", labels(number))
        save(tmp_path / "B" / f"{name}.png", noise(32, 32, number))
    assert inspect(tmp_path).duplicates == ()


def test_a_sample_is_spread_over_both_sides(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", NAMES)
    assert inspect(tmp_path, sample=4).decoded == 4
    assert inspect(tmp_path, sample=0).decoded == 16
    assert {item.pictures for item in inspect(tmp_path, sample=4).statistics} == {2}


def test_only_one_of_two_folders_in_a_part(tmp_path):
    save_two(tmp_path / "trainA", tmp_path / "trainB", NAMES, (32, 32))
    save_pairs(tmp_path / "testA", ["x"], (32, 16))
    found = inspect(tmp_path)
    assert counts(found) == {"train": ({"pairs": 8}, "to train on")}


def test_pairs_of_unequal_names_are_listed(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", ["1"], (32, 32))
    (tmp_path / "A/1.png").rename(tmp_path / "A/photo_1.png")
    (tmp_path / "B/1.png").rename(tmp_path / "B/mask_1.png")
    assert inspect(tmp_path).notes[0] == (
        f"if these are pairs under different names, list the pairs in {tmp_path / 'pairs.csv'}, and name that file as "
        "path:\n  source,target\n  A/photo_1.png,B/mask_1.png"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "holds no pictures; expected files that end in .jpg, "),
        (
            lambda root: (root / "x.csv").write_text("a,b"),
            "holds no pictures that are read: the 1 file there ends in .csv; expected files that end in .jpg, ",
        ),
    ],
)
def test_a_folder_without_pictures(tmp_path, make, message):
    make(tmp_path)
    with pytest.raises(DataError, match=message):
        inspect(tmp_path)


def test_json_has_names_below_the_root_and_no_objects(tmp_path):
    save_two(tmp_path / "A", tmp_path / "B", NAMES, (32, 32))
    (tmp_path / "A/copy.png").write_bytes((tmp_path / "A/00.png").read_bytes())
    data = json.loads(json.dumps(inspect(tmp_path).as_json()))
    assert data["alone"] == {"A/copy.png": f"has no partner of the same name in {tmp_path / 'B'}"}
    assert data["proposal"]["dataset"]["size"] == 32
    assert data["recipe"].startswith("dataset:\n  name: folder\n")
    assert data["parts"] == [{"name": None, "counts": {"pairs": 8}, "use": "to train on"}]
