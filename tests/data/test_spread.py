from __future__ import annotations

from zoo.data.spread import spread


def test_a_few_are_spread_and_never_repeated():
    assert spread(range(100), 4) == [12, 37, 62, 87]
    assert spread("abc", 4) == ["a", "b", "c"]
    assert spread([7], 1) == [7]
    assert spread([], 4) == []
