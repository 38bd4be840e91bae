"""What the words of a sweep mean, and which are refused."""

from __future__ import annotations

import pytest
from zoo_sweep.space import Values, combinations, overrides, parse_values, split

from zoo.errors import ZooError

pytestmark = pytest.mark.one_backend


def test_lists_ranges_and_single_values() -> None:
    space = parse_values(
        [
            "generator.name=unet,resnet",
            "training.epochs=3",
            "optimizers.generator.learning_rate=1e-4:1e-2:log",
            "generator.filters=16:64:16",
            "losses.reconstruction+={name: huber, delta: 0.5},{name: l2}",
            "dataset.size=[16, 32]",
        ]
    )
    assert space == [
        Values("generator.name", ("unet", "resnet")),
        Values("training.epochs", ("3",)),
        Values("optimizers.generator.learning_rate", (), "1e-4", "1e-2", "log"),
        Values("generator.filters", (), "16", "64", "16"),
        Values("losses.reconstruction+", ("{name: huber, delta: 0.5}", "{name: l2}")),
        Values("dataset.size", ("[16, 32]",)),
    ]
    assert [values.is_swept for values in space] == [True, False, True, True, True, False]
    assert [values.is_whole for values in space if values.is_range] == [False, True]
    points = list(combinations(space))
    assert len(points) == 2 * 2 * 2 * 2
    # In the order of the command, so that arguments follow the name that they belong to.
    assert overrides(space, points[-1]) == [
        "generator.name=resnet",
        "training.epochs=3",
        "optimizers.generator.learning_rate=1e-2",
        "generator.filters=64",
        "losses.reconstruction+={name: l2}",
        "dataset.size=[16, 32]",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        ("a", ["a"]),
        ("[1, 2], [3]", ["[1, 2]", "[3]"]),
        ("{a: [1, 2]}", ["{a: [1, 2]}"]),
        ("'a,b',\"c,]\"", ["'a,b'", '"c,]"']),
        ("1:2,3", ["1:2", "3"]),
    ],
)
def test_commas_of_a_value_are_its_own(text: str, parts: list[str]) -> None:
    assert list(split(text)) == parts


REFUSED = {
    "training.epochs": "training.epochs: expected key.path=values, as in training.batch_size=1,4 or "
    "training.epochs=1:8",
    ".=1,2": ".=1,2: expected key.path=values, as in training.batch_size=1,4 or .=1:8",
    "a=1,,2": "a=1,,2: there is nothing between two commas; expected values, as a=a,b,c",
    "a=1,2,1": "a=1,2,1: a value comes twice",
    "a=5:1": "a=5:1: a range goes upwards; expected a=1:5",
    "a=0:1:log": "a=0:1:log: a logarithmic range begins above 0, got 0",
    "a=0:1:-1": "a=0:1:-1: a step is above 0, got -1",
    "a=1": "there is nothing to sweep: give a key several values, as "
    "optimizers.generator.learning_rate=1e-4,2e-4, or a range, as losses.reconstruction.0.weight=10.0:200.0:log",
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_means_nothing_is_refused(word: str) -> None:
    with pytest.raises(ZooError) as told:
        parse_values([word])
    assert str(told.value) == REFUSED[word]


def test_a_key_comes_once() -> None:
    with pytest.raises(
        ZooError, match="a=3: the key a comes twice; give it all its values at once"
    ):
        parse_values(["a=1,2", "a=3"])
    with pytest.raises(ZooError, match=r"a\+ comes twice with several values"):
        parse_values(["a+=1,2", "a+=3,4"])
    assert len(parse_values(["a+=1,2", "a+=3"])) == 2
