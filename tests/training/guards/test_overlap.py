from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from zoo.data.dataset import Dataset
from zoo.data.folder import folder
from zoo.training.guards.overlap import find_overlap


class Pairs:
    """Pairs of the pictures that were given."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def example(self, index, random):
        assert random is None
        return dict(zip(("source", "target"), self.pairs[index], strict=True))


def noise(seed):
    return np.random.default_rng(seed).uniform(-1, 1, (4, 4, 3)).astype("float32")


def flat(value):
    return np.full((4, 4, 3), value, "float32")


def dataset(train, test, **options):
    return Dataset(Pairs(train), Pairs(test), (4, 4, 3), (4, 4, 3), "pairs", **options)


def test_pairs_are_the_same_if_both_pictures_are() -> None:
    train = [(noise(0), noise(1)), (noise(2), noise(3))]
    assert find_overlap(dataset(train, [(noise(2), noise(4)), (noise(5), noise(1))])) is None
    found = find_overlap(dataset(train, [(noise(6), noise(7)), (noise(2), noise(3))]))
    assert found is not None
    assert found.message.startswith(
        "1 of 2 held-out pictures is also among 2 that are trained on (held-out example 1 is training example 1, both "
        "counted from 0), so that held-out figures look better than they are: "
    )


def test_of_piles_one_picture_is_enough() -> None:
    train = [(noise(0), noise(1)), (noise(2), noise(3))]
    found = find_overlap(dataset(train, [(noise(5), noise(1))], paired=False, test_paired=False))
    assert found is not None
    assert (found.count, found.held_out, found.learned) == (1, 1, 2)
    # On the other side it is another kind of picture.
    others = dataset(train, [(noise(1), noise(5))], paired=False, test_paired=False)
    assert find_overlap(others) is None


def test_pictures_of_one_value_are_no_copies() -> None:
    assert find_overlap(dataset([(flat(1), flat(-1))], [(flat(1), flat(-1))])) is None
    piles = dataset([(noise(0), flat(-1))], [(noise(1), flat(-1))], paired=False, test_paired=False)
    assert find_overlap(piles) is None
    # Beside a picture that is not flat they are.
    assert find_overlap(dataset([(noise(0), flat(-1))], [(noise(0), flat(-1))])) is not None


def test_what_takes_too_long_is_left_out() -> None:
    train = [(noise(seed), noise(seed)) for seed in range(50)]
    found = find_overlap(dataset(train, train), seconds=0)
    assert found is None or (found.held_out, found.learned) == (1, 1)


def save(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def test_files_are_compared_by_their_contents(tmp_path) -> None:
    for seed in range(4):
        save(tmp_path / "train" / f"{seed}.png", seed)
    save(tmp_path / "test" / "0.png", 10)
    assert find_overlap(folder(path=str(tmp_path))) is None
    shutil.copy(tmp_path / "train" / "2.png", tmp_path / "test" / "copy.png")
    # Without a look at pixels.
    found = find_overlap(folder(path=str(tmp_path)), seconds=0)
    assert found is not None
    assert (found.count, found.held_out, found.learned) == (1, 2, 4)
    assert found.example == f"{tmp_path}/test/copy.png is {tmp_path}/train/2.png"


def test_the_same_pixels_in_another_file_are_seen(tmp_path) -> None:
    for seed in range(4):
        save(tmp_path / "train" / f"{seed}.png", seed)
    (tmp_path / "test").mkdir()
    with Image.open(tmp_path / "train" / "1.png") as picture:
        picture.save(tmp_path / "test" / "1.bmp")
    found = find_overlap(folder(path=str(tmp_path)))
    assert found is not None
    assert found.example == "held-out example 0 is training example 1, both counted from 0"


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_list_that_names_a_pair_twice_is_seen(side, tmp_path) -> None:
    lines = ["source,target,split"]
    for seed in range(3):
        save(tmp_path / f"a{seed}.png", seed)
        save(tmp_path / f"b{seed}.png", 10 + seed)
        lines.append(f"a{seed}.png,b{seed}.png,train")
    lines.append("a1.png,b1.png,test" if side == "a" else "a1.png,b2.png,test")
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    found = find_overlap(folder(path=str(tmp_path / "pairs.csv")))
    if side == "b":  # another target
        assert found is None
    else:
        assert found is not None
        assert found.example == f"{tmp_path}/a1.png is the same file"
