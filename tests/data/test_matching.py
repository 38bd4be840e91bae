"""Pairs whose names differ: which belong together, and the list that says so."""

from pathlib import Path

import pytest
from data.pictures_on_disk import noise, save

from zoo.data.folder import folder
from zoo.data.matching import as_list, likely_pairs
from zoo.errors import DataError


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        (["photo_001"], ["mask_001"], [("photo_001", "mask_001")]),
        (["img2", "img10", "x"], ["10_gt", "2_gt"], [("img10", "10_gt"), ("img2", "2_gt")]),
        (["cat_rgb", "dog_rgb"], ["cat_label", "dog_label"], [("cat_rgb", "cat_label"), ("dog_rgb", "dog_label")]),
        (["s1_t1", "s1_t2"], ["m_1_1", "m_1_2"], [("s1_t1", "m_1_1"), ("s1_t2", "m_1_2")]),
        (["a1", "b1"], ["c1", "d1"], []),
        (["horse"], ["zebra"], []),
        (["1", "2", "3", "4"], ["x9", "x8", "x7", "x4"], []),
    ],
)  # fmt: skip
def test_names_that_differ_in_what_all_of_a_side_have_are_pairs(a, b, pairs):
    first, second = ({name: [Path(name)] for name in names} for names in (a, b))
    assert likely_pairs(first, second) == [(Path(one), Path(other)) for one, other in pairs]


def test_of_a_long_list_the_beginning_is_shown():
    pairs = [(Path(f"d/A/p{n}, x.png"), Path(f"d/B/m{n}.png")) for n in range(1012)]
    lines = as_list(pairs).splitlines()
    assert lines[:3] == [
        f"list the pairs in {Path('d/pairs.csv')}, and name that file as path:",
        "  source,target",
        '  "A/p0, x.png",B/m0.png',
    ]
    assert (len(lines), lines[-1]) == (13, "  and 1,002 more lines like these")


def test_the_list_that_is_shown_makes_pairs(tmp_path):
    for number in range(4):
        save(tmp_path / f"A/photo_{number}.png", noise(16, 16))
        save(tmp_path / f"B/mask_{number}.png", noise(16, 16))
    with pytest.raises(DataError) as told:
        folder(path=str(tmp_path), size=16)
    text, *lines = str(told.value).splitlines()
    assert text == (
        f"no picture in {tmp_path / 'A'} has a partner of the same name in {tmp_path / 'B'}; give the pictures of a "
        "pair one name, or set paired to false if the two folders show different things, or list the pairs in "
        f"{tmp_path / 'pairs.csv'}, and name that file as path:"
    )
    (tmp_path / "pairs.csv").write_text("\n".join(line.strip() for line in lines))
    dataset = folder(path=str(tmp_path / "pairs.csv"), size=16)
    assert len(dataset.train) + len(dataset.test) == 4
