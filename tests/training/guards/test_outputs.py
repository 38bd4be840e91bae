from __future__ import annotations

import numpy as np
import pytest

from zoo.training.guards.outputs import collapsed, copied, spread


def pictures(seed: int, count: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (count, 8, 8, 3)).astype("float32")


def test_spread_is_the_standard_deviation_over_pictures() -> None:
    one = pictures(0, 1)
    assert spread(one) == 0
    assert spread(np.concatenate([one - 0.2, one + 0.2])) == pytest.approx(0.2)


def test_collapse_is_one_picture_for_all() -> None:
    source, target = pictures(1), pictures(2)
    same = np.repeat(pictures(3, 1), 4, axis=0)
    assert collapsed(source, same, target)
    assert collapsed(source, same + 1e-3 * source, target)
    assert not collapsed(source, same + 0.05 * source, target)
    # Nothing can be said of sources that are the same, of targets that are, or of one example.
    assert not collapsed(same, same, target)
    assert not collapsed(source, same, same)
    assert not collapsed(source[:1], same[:1], target[:1])


def test_a_copy_is_the_source_and_not_the_target() -> None:
    source, target = pictures(4), pictures(5)
    assert copied(source, source, target)
    assert copied(source, source + 0.02, target)
    assert not copied(source, target, target)
    assert not copied(source, 0.8 * source + 0.2 * target, target)
    # Who is to paint what he sees, copies rightly; and grey is no copy of colours.
    assert not copied(source, source, source + 1e-4)
    assert not copied(source[..., :1], source[..., :1], target)
