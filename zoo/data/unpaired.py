"""Examples whose source and target show different things."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Pictures(Protocol):
    """Pictures of one domain by index; nothing in it is random by itself."""

    def __len__(self) -> int:
        """Number of pictures."""
        ...

    def picture(self, index: int, random: np.random.Generator | None) -> np.ndarray:
        """Return one picture.

        Args:
            index: 0 to `len(self) - 1`.
            random: the only source of chance for augmentation; None gives the plain picture, the
                same every time.

        Returns:
            float32 (height, width, channels) in [-1, 1].
        """
        ...


class Unpaired:
    """Examples from two collections of pictures that do not belong together.

    A pass has as many examples as the larger collection has pictures, and goes through the sources
    in order, from the beginning again where they are fewer. In training every target is drawn at
    random, so that each epoch brings other ones together, as the reference does. Without a random
    generator the targets too come in order. Each picture is augmented by itself.

    Args:
        sources: pictures to translate.
        targets: pictures of what they are to become.
    """

    def __init__(self, sources: Pictures, targets: Pictures) -> None:
        self.sources = sources
        self.targets = targets

    def __len__(self) -> int:
        return max(len(self.sources), len(self.targets))

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        count = len(self.targets)
        drawn = index % count if random is None else int(random.integers(count))
        return {
            "source": self.sources.picture(index % len(self.sources), random),
            "target": self.targets.picture(drawn, random),
        }
