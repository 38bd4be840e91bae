import keras
import numpy as np
from keras import ops

from zoo.backend.random import Random


def draw(random, count):
    return ops.convert_to_numpy(random.uniform(count))


def test_the_same_numbers_on_every_backend():
    # Computed with unbounded integers in Python from the published hash.
    def mixed(bits):
        bits = (bits ^ (bits >> 16)) * 0x7FEB352D % 2**32
        bits = (bits ^ (bits >> 15)) * 0x846CA68B % 2**32
        return bits ^ (bits >> 16)

    expected = [(mixed(mixed(number) ^ 12345) >> 8) / 2**24 for number in range(1000)]
    np.testing.assert_array_equal(draw(Random(12345), 1000), np.float32(expected))


def test_numbers_are_uniform_and_do_not_depend_on_each_other():
    numbers = draw(Random(7), 100_000)
    assert 0 <= numbers.min() < 1e-4
    assert 1 - 1e-4 < numbers.max() < 1
    counts, _ = np.histogram(numbers, 10, (0, 1))
    assert np.abs(counts - 10_000).max() < 400
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.01


def test_it_goes_on_where_it_was():
    whole = draw(Random(3), 6)
    parts = Random(3)
    np.testing.assert_array_equal(np.concatenate([draw(parts, 2), draw(parts, 4)]), whole)
    assert int(parts.drawn) == 6
    assert not np.array_equal(draw(parts, 6), whole)


def test_a_seed_comes_from_keras():
    def seeded(seed):
        keras.utils.set_random_seed(seed)
        return draw(Random(), 4)

    np.testing.assert_array_equal(seeded(1), seeded(1))
    assert not np.array_equal(seeded(1), seeded(2))
