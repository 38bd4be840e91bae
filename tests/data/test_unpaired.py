"""Sources and targets that do not belong together: what comes together, and when."""

import numpy as np
import pytest

from zoo.data.loader import Loader
from zoo.data.unpaired import Unpaired


class Numbered:
    """Pictures of one pixel whose value is their index; augmented, a random part is added."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def picture(self, index, random):
        assert 0 <= index < self.count
        value = index + (0.0 if random is None else random.random() / 2)
        return np.full((1, 1, 1), value, np.float32)


def value(example, side):
    return example[side].item()


def drawn(sources, targets, *, epochs=1, workers=0):
    """The pairs of indices that each epoch of a shuffled, augmented training brings."""
    loader = Loader(
        Unpaired(Numbered(sources), Numbered(targets)),
        2,
        seed=3,
        shuffle=True,
        augment=True,
        workers=workers,
    )
    seen = []
    for epoch in range(epochs):
        loader.epoch = epoch
        batches = [loader[index] for index in range(len(loader))]
        both = (np.concatenate([b[side].ravel() for b in batches]) for side in ("source", "target"))
        seen.append([tuple(pair) for pair in zip(*(part.tolist() for part in both), strict=True)])
    return seen


@pytest.mark.parametrize(("sources", "targets"), [(5, 3), (3, 5), (4, 4)])
def test_a_pass_is_as_long_as_the_larger_side(sources, targets):
    examples = Unpaired(Numbered(sources), Numbered(targets))
    assert len(examples) == max(sources, targets)
    for index in range(len(examples)):
        example = examples.example(index, None)
        # Held-out examples are the same every time: both sides are counted round.
        assert value(example, "source") == index % sources
        assert value(example, "target") == index % targets


def test_sources_come_in_turn_and_targets_at_random():
    epochs = [
        [(int(source), int(target)) for source, target in epoch]
        for epoch in drawn(7, 20, epochs=30)
    ]
    for epoch in epochs:
        counts = np.bincount([source for source, _ in epoch], minlength=7)
        assert counts.tolist() == [3, 3, 3, 3, 3, 3, 2]
    # With the same source, other targets in every epoch, each of them about equally often.
    with_first = [{target for source, target in epoch if source == 0} for epoch in epochs]
    assert len(set(map(frozenset, with_first))) > 25
    frequency = np.bincount([target for epoch in epochs for _, target in epoch], minlength=20)
    assert 12 <= frequency.min() <= frequency.max() <= 50


def test_seed_epoch_and_position_decide_with_any_number_of_workers():
    alone = drawn(9, 6, epochs=3)
    assert alone == drawn(9, 6, epochs=3, workers=3)
    assert alone[0] != alone[1] != alone[2]


def test_each_picture_is_augmented_by_itself():
    ((source, target), *_) = drawn(4, 4)[0]
    assert source % 1 != target % 1
