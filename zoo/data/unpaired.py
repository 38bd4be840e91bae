"""Examples whose source and target show different things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from zoo.data.layout import Single
from zoo.data.naming import name_of
from zoo.data.preparation import Preparation
from zoo.data.stored import Stored
from zoo.pictures import PictureFormat


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

    def name(self, index: int) -> str:
        """Return the name of an example's source; see `zoo.data.naming`."""
        return name_of(self.sources, index % len(self.sources))


class PreparedPictures:
    """Prepared pictures of one domain.

    Args:
        stored: items of one picture.
        preparation: what is done to each.
    """

    def __init__(self, stored: Stored, preparation: Preparation) -> None:
        self.stored = stored
        self.preparation = preparation

    def __len__(self) -> int:
        return len(self.stored)

    def picture(self, index: int, random: np.random.Generator | None) -> np.ndarray:
        """Return one picture; see `zoo.data.unpaired.Pictures`."""
        return self.with_mask(index, random)[0]

    def with_mask(
        self, index: int, random: np.random.Generator | None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return one picture and its mask; see `Preparation.with_masks`."""
        (picture,), (mask,) = self.preparation.with_masks(
            self.stored.load(index), self.stored.formats, random
        )
        return picture, mask

    def name(self, index: int) -> str:
        """Return a name for a picture; see `zoo.data.naming`."""
        return name_of(self.stored, index)


class PictureFiles:
    """Pictures in files, decoded when they are asked for.

    Args:
        pictures: where they are.
        form: their format.
    """

    def __init__(self, pictures: Sequence[Single], form: PictureFormat) -> None:
        self.pictures = list(pictures)
        self.formats = (form,)

    def __len__(self) -> int:
        return len(self.pictures)

    def load(self, index: int) -> tuple[np.ndarray, ...]:
        """Return one picture; see `zoo.data.stored.Stored`.

        Raises:
            DataError: if the file cannot be read, or is not of the format.
        """
        return (self.formats[0].read(self.pictures[index].path),)

    def name(self, index: int) -> str:
        """Return the name of a picture's file."""
        return self.pictures[index].name
