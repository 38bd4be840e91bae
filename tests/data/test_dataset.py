import dataclasses
from typing import Any

import pytest

from zoo.data.dataset import Dataset


def test_a_dataset_is_paired_and_skips_nothing_unless_said():
    dataset: Any = Dataset([], [], (4, 4, 3), (4, 4, 1), "nothing")
    assert dataset.paired
    assert dataset.skipped == ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.paired = False
