"""Examples whose sources are made from their targets."""

from __future__ import annotations

import numpy as np

from zoo.data.derived.derivation import Function
from zoo.data.naming import name_of
from zoo.data.unpaired import PreparedPictures


class DerivedPairs:
    """Pairs of prepared pictures and what a function makes of them.

    The function sees what the network will see: pictures that were already resized, cropped and augmented.

    Args:
        targets: the pictures.
        function: makes a source from a target; see `zoo.data.derived.Derivation`.
    """

    def __init__(self, targets: PreparedPictures, function: Function) -> None:
        self.targets = targets
        self.function = function

    def __len__(self) -> int:
        return len(self.targets)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        target, mask = self.targets.with_mask(index, random)
        # What a plain example needs of chance follows from its index, and is the same every time.
        chance = np.random.default_rng(index) if random is None else random
        example = {"source": self.function(target, chance), "target": target}
        return example if mask is None else {**example, "target_mask": mask}

    def name(self, index: int) -> str:
        """Return a name for an example; see `zoo.data.naming`."""
        return name_of(self.targets, index)
