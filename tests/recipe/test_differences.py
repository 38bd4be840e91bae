import pytest

from zoo.recipe.differences import differences

FIRST = {
    "model": {"name": "pix2pix"},
    "losses": {"reconstruction": [{"name": "l1", "weight": 100}]},
    "training": {"epochs": 19, "batch_size": 1, "deterministic": False},
}


def test_the_same_recipe_does_not_differ():
    assert differences(FIRST, FIRST) == []
    assert differences({}, {}) == []
    assert differences({"a": 1}, {"a": 1.0}) == []


def test_differences_are_named_as_overrides_name_them():
    second = {
        "model": {"name": "pix2pix"},
        "losses": {"reconstruction": [{"name": "l1", "weight": 10}, {"name": "ssim"}]},
        "training": {"epochs": 19, "batch_size": 4, "deterministic": False},
        "inference": {"ema": 0.9},
    }
    assert differences(FIRST, second) == [
        ("losses.reconstruction.0.weight", 100, 10),
        ("losses.reconstruction.1", None, {"name": "ssim"}),
        ("training.batch_size", 1, 4),
        ("inference", None, {"ema": 0.9}),
    ]
    assert differences(second, FIRST)[1] == ("losses.reconstruction.1", {"name": "ssim"}, None)


def test_nothing_and_what_is_missing_are_the_same():
    assert differences({"a": None}, {}) == []
    assert differences({"a": {}}, {}) == [("a", {}, None)]


@pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), ([], {}), ("1", 1)])
def test_values_of_other_kinds_differ(one, other):
    assert differences({"a": one}, {"a": other}) == [("a", one, other)]
