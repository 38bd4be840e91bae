"""Lists of pairs in files, and pairs in folders within folders."""

import json

import numpy as np
import pytest
from data.pictures_on_disk import noise, save, save_pairs, save_two

from zoo.data.folder import folder
from zoo.errors import DataError

ROWS = [
    ("photos/one.png", "maps/1.png", "train"),
    ("photos/two.png", "maps/2.png", "train"),
    ("photos/three.png", "maps/3.png", "test"),
]


def write(root, rows, suffix=".csv", name="pairs"):
    for seed, (source, target, *_) in enumerate(rows):
        for place, shift in ((source, 0), (target, 100)):
            if place:
                save(root / place, noise(8, 8, seed + shift))
    path = root / f"{name}{suffix}"
    if suffix == ".csv":
        lines = ["source,target,split", *(",".join(row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    else:
        keys = ("source", "target", "split")
        objects = [
            {key: value for key, value in zip(keys, row, strict=False) if value} for row in rows
        ]
        path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
    return path


def open_list(path, **arguments):
    return folder(path=str(path), **({"size": 8, "flip": False, "jitter": 0.0} | arguments))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_list_of_pairs(tmp_path, suffix):
    dataset = open_list(write(tmp_path, ROWS, suffix))
    assert (len(dataset.train), len(dataset.test)) == (2, 1)
    example = dataset.test.example(0, None)
    for side, seed in (("source", 2), ("target", 102)):
        np.testing.assert_allclose(example[side], noise(8, 8, seed) / 127.5 - 1, atol=1e-6)
    assert dataset.summary == f"{tmp_path}, A to B, 8 x 8 px: 2 pairs to train, 1 held out"


def test_a_list_the_other_way_round(tmp_path):
    dataset = open_list(write(tmp_path, ROWS), direction="b_to_a")
    example = dataset.test.example(0, None)
    np.testing.assert_allclose(example["source"], noise(8, 8, 102) / 127.5 - 1, atol=1e-6)


def test_without_splits_a_share_is_held_out(tmp_path):
    rows = [(f"a/{n}.png", f"b/{n}.png", "") for n in range(10)]
    dataset = open_list(write(tmp_path, rows), test_share=0.3)
    assert (len(dataset.train), len(dataset.test)) == (7, 3)


def test_a_list_of_two_piles(tmp_path):
    rows = [("horse.png", "", "train"), ("", "zebra.png", "train"), ("", "zebra2.png", "train")]
    rows += [("h.png", "z.png", "test")]
    dataset = open_list(write(tmp_path, rows), paired=False)
    assert (len(dataset.train), len(dataset.test)) == (2, 1)
    assert not dataset.paired


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "x.csv",
            "input,target\na,b\n",
            "ROOT/x.csv, line 1: there is no column source; expected a header line with source and target, and "
            "perhaps split.",
        ),
        (
            "x.csv",
            "source,target\na.png\n",
            "ROOT/x.csv, line 2: there is no target; expected both",
        ),
        (
            "x.csv",
            "source,target,split\na,b,validation\n",
            "ROOT/x.csv lists no pictures to train on; expected lines with source and target, without split or of the "
            "split that train names; its splits are validation",
        ),
        (
            "x.jsonl",
            '{"source": "a"\n',
            "ROOT/x.jsonl, line 1: is not JSON: Expecting ',' delimiter: line 1 column 15 (char 14)",
        ),
        (
            "x.jsonl",
            '{"source": 3, "target": "b"}\n',
            "ROOT/x.jsonl, line 1: expected an object with source and target, and perhaps split",
        ),
        ("x.csv", None, "the manifest ROOT/x.csv does not exist"),
    ],
)
def test_bad_lists(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError) as error:
        open_list(tmp_path / name)
    assert str(error.value).replace(str(tmp_path), "ROOT") == message


def test_listed_files_that_are_not_there_are_named(tmp_path):
    path = write(tmp_path, ROWS)
    (tmp_path / "maps" / "2.png").unlink()
    with pytest.raises(DataError) as error:
        open_list(path)
    assert "  maps/2.png: does not exist\n" in str(error.value)
    skipped = open_list(path, on_error="skip").skipped
    assert skipped == (
        "maps/2.png: does not exist",
        "photos/two.png: its partner 2.png cannot be used",
    )


def test_pairs_in_folders_within_folders(tmp_path):
    names = ["paris/1", "paris/2", "rome/1", "rome/old/1", "top"]
    save_two(tmp_path / "A", tmp_path / "B", names)
    dataset = open_list(tmp_path, nested=True)
    pairs = dataset.train.stored.pairs + dataset.test.stored.pairs
    assert sorted(pair.name for pair in pairs) == sorted(names)
    for pair in pairs:
        assert pair.a.relative_to(tmp_path / "A") == pair.b.relative_to(tmp_path / "B")
    with pytest.raises(DataError, match="has 0 pairs to train on and 1 held out"):
        open_list(tmp_path)


def test_parts_are_not_mixed_with_folders_within_folders(tmp_path):
    save_pairs(tmp_path / "train" / "x", ["1", "2"], size=(8, 8))
    save_pairs(tmp_path / "test" / "y" / "z", ["3"], size=(8, 8))
    dataset = open_list(tmp_path, nested=True)
    assert (len(dataset.train), len(dataset.test)) == (2, 1)


def test_one_format_for_each_side(tmp_path):
    deep = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    from zoo.pictures import write_picture
    from zoo.pictures.settings import FormatSettings

    for number in range(3):
        write_picture(tmp_path / "A" / f"{number}.tif", deep)
        write_picture(tmp_path / "B" / f"{number}.png", (deep // 16000).astype(np.uint8))
    dataset = open_list(
        tmp_path,
        source_format=FormatSettings(channels=1, range=(0, 63000)),
        target_format=FormatSettings(classes=4),
    )
    assert (dataset.source_shape, dataset.target_shape) == ((8, 8, 1), (8, 8, 4))
    example = dataset.train.example(0, None)
    np.testing.assert_allclose(example["source"][..., 0], deep / 31500 - 1, atol=1e-4)
    np.testing.assert_array_equal(np.argmax(example["target"], -1), deep // 16000)
    swapped = open_list(
        tmp_path,
        direction="b_to_a",
        source_format=FormatSettings(classes=4),
        target_format=FormatSettings(channels=1, range=(0, 63000)),
    )
    assert (swapped.source_shape, swapped.target_shape) == ((8, 8, 4), (8, 8, 1))


def test_a_cache_keeps_pictures_before_augmentation(tmp_path, monkeypatch):
    from zoo.data import pairs

    save_pairs(tmp_path, ["1", "2", "3"], size=(8, 8))
    plain = open_list(tmp_path, flip=True)
    cached = open_list(tmp_path, flip=True, cache=True)
    reads = []
    load = pairs.load_pair
    monkeypatch.setattr(pairs, "load_pair", lambda *a, **k: reads.append(1) or load(*a, **k))
    seen = set()
    for seed in range(8):
        example = cached.train.example(0, np.random.default_rng(seed))
        wanted = plain.train.example(0, np.random.default_rng(seed))
        np.testing.assert_array_equal(example["source"], wanted["source"])
        seen.add(example["source"].tobytes())
    assert len(seen) == 2
    assert len(reads) == 1 + 8
