import numpy as np
import pytest

from zoo.report.paired import paired_difference, read_pictures


def test_the_interval_is_that_of_the_bootstrap():
    random = np.random.default_rng(3)
    first = {f"{index}": value for index, value in enumerate(random.normal(18, 3, 200))}
    change = random.normal(0.4, 1, 200)
    second = {name: value + change[int(name)] for name, value in first.items()}
    found = paired_difference(first, {**second, "another": 99.0})
    assert found is not None
    assert found.pictures == 200
    assert found.mean == pytest.approx(change.mean())
    # Of a mean of many pictures it is close to the normal interval.
    half = 1.96 * change.std() / np.sqrt(200)
    assert found.low == pytest.approx(change.mean() - half, abs=0.02)
    assert found.high == pytest.approx(change.mean() + half, abs=0.02)
    assert found.is_clear
    assert paired_difference(first, second) == paired_difference(first, second)
    back = paired_difference(second, first)
    assert back is not None
    assert (back.mean, back.low) == pytest.approx((-found.mean, -found.high), abs=0.02)


def test_what_is_the_same_for_all_pictures_is_certain():
    found = paired_difference({"a": 1.0, "b": 2.0}, {"a": 1.5, "b": 2.5})
    assert found is not None
    assert (found.mean, found.low, found.high, found.pictures) == (0.5, 0.5, 0.5, 2)
    same = paired_difference({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0})
    assert same is not None
    assert not same.is_clear


def test_fewer_than_two_common_pictures_say_nothing():
    assert paired_difference({"a": 1.0, "b": 2.0}, {"b": 2.5, "c": 1.0}) is None
    assert paired_difference({}, {}) is None


def test_pictures_are_read_by_metric_and_name(tmp_path):
    file = tmp_path / "pictures.csv"
    file.write_text('name,psnr,lpips\n"a, b",18.25,0.5\nc,inf,\nd,1,2\nd,3,4\n')
    assert read_pictures(file) == {"psnr": {"a, b": 18.25}, "lpips": {"a, b": 0.5}}
    assert read_pictures(tmp_path / "none.csv") == {}
    file.write_text("name,psnr\n")
    assert read_pictures(file) == {}
