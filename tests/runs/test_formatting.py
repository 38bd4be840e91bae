import pytest

from zoo.runs.formatting import duration, number


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (41.6, "42 s"),
        (59.7, "1 min 00 s"),
        (312, "5 min 12 s"),
        (3599.9, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (float("nan"), "unknown"),
        (-3, "0 s"),
    ],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (6000, "6,000"),
        (15.0, "15"),
        (18.734512, "18.73"),
        (0.21714, "0.2171"),
        (0.0, "0"),
        (-1234.567, "-1,235"),
        (0.00012345, "1.234e-04"),
        (1.5e9, "1.500e+09"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_number(value, words):
    assert number(value) == words
