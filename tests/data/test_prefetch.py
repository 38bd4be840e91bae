import threading

import pytest

from zoo.data.prefetch import Prefetch


class Work:
    def __init__(self):
        self.done = []
        self.lock = threading.Lock()

    def __call__(self, key):
        with self.lock:
            self.done.append(key)
        if key == "bad":
            raise OSError("broken")
        return key * 2


def test_results_come_by_key():
    ahead = Prefetch(Work(), 2)
    assert [ahead.get(key, [key + 1, key + 2]) for key in range(20)] == list(range(0, 40, 2))


def test_what_was_begun_is_not_made_again():
    work = Work()
    ahead = Prefetch(work, 1)
    for key in range(10):
        ahead.get(key, range(key + 1, min(key + 4, 10)))
    assert sorted(work.done) == list(range(10))


def test_what_is_no_longer_wanted_is_dropped():
    started, go_on = threading.Event(), threading.Event()
    done = []

    def slow(key):
        done.append(key)
        if key == 1:
            started.set()
            go_on.wait(10)
        return key

    ahead = Prefetch(slow, 1)
    ahead.get(0, [1, 2, 3])
    assert started.wait(10)
    assert ahead.get(100, [101]) == 100
    go_on.set()
    assert ahead.get(101, []) == 101
    assert sorted(done) == [0, 1, 100, 101]


def test_an_error_is_raised_where_its_key_is_asked_for():
    ahead = Prefetch(Work(), 1)
    assert ahead.get("a", ["bad", "b"]) == "aa"
    with pytest.raises(OSError, match="broken"):
        ahead.get("bad", ["b"])
    assert ahead.get("b", []) == "bb"
