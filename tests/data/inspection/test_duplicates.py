from typing import Any

import numpy as np
from data.pictures_on_disk import save

from zoo.data.inspection import duplicates
from zoo.data.inspection.duplicates import same_content, same_pixels
from zoo.data.inspection.survey import same_but_for_case


def test_only_the_same_bytes_are_the_same(tmp_path):
    contents = {
        "a": b"x" * 50000,
        "b": b"x" * 50000,
        "of the same length": b"y" * 50000,
        "of the same length and end": b"y" + b"x" * 49999,
        "shorter": b"x" * 10,
        "empty": b"",
        "empty too": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = sorted(tmp_path.iterdir())
    assert same_content([*files, tmp_path / "missing"]) == [(tmp_path / "a", tmp_path / "b")]


def test_only_files_of_the_same_length_and_end_are_read_whole(tmp_path, monkeypatch):
    for number in range(4):
        (tmp_path / f"{number}").write_bytes(bytes(range(number, number + 50)))
    read: list[Any] = []
    monkeypatch.setattr(duplicates, "_digest", read.append)
    assert same_content(sorted(tmp_path.iterdir())) == []
    assert read == []


def test_the_same_pixels_in_other_files(tmp_path):
    a, copy, other, unlike = (tmp_path / name for name in ("a", "copy", "other", "unlike"))
    digests = {a: b"1", copy: b"1", other: b"1", unlike: b"2"}
    assert same_pixels(digests, [(a, copy)]) == [(a, other)]
    assert same_pixels({a: b"1", copy: b"1"}, [(a, copy)]) == []


def test_names_that_differ_in_capitals_or_in_the_coding_of_accents(tmp_path):
    picture = np.zeros((2, 2, 3), np.uint8)
    names = ["One.png", "one.PNG", "é.png", "e\N{COMBINING ACUTE ACCENT}.png", "sub/one.png"]
    files = [save(tmp_path / name, picture) for name in names]
    assert same_but_for_case(files) == [(files[0], files[1]), (files[2], files[3])]
