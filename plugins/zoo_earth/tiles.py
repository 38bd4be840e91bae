"""Tiles of world rasters: cut out, moved about within their places, zoomed, mirrored and turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data import random_flip, random_turn, random_window, resize
from zoo.pictures import to_float

Corner = tuple[int, int]
Window = tuple[slice, slice]
PIXELS_A_DEGREE = 15
NO_CROPS = np.empty((0, 2), int)


def as_it_is(picture: np.ndarray) -> np.ndarray:
    """Return the picture."""
    return picture


@dataclass(frozen=True)
class Domain:
    """Where the pictures of a source or of a target come from.

    Args:
        raster: uint8 (height, width, 3), the whole earth.
        look: what each crop is shown as in the end, uint8 (h, w, 3) to the same.
    """

    raster: np.ndarray
    look: Callable[[np.ndarray], np.ndarray] = as_it_is


@dataclass(frozen=True)
class Augmentation:
    """What is done to crops, alike to all pictures of an example.

    Args:
        flip: mirror half of them left to right.
        turns: turn them by quarters.
        jitter: zoom in by a factor of up to 1 + jitter.
    """

    flip: bool
    turns: bool
    jitter: float

    def __call__(self, pictures: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        """Return the pictures (size, size, 3), augmented."""
        size = len(pictures[0])
        if self.jitter:
            # A part of the crop, enlarged to its size: nothing from outside the crop comes in.
            part = round(size / (1 + self.jitter * random.random()))
            window = random_window(size, size, part, part, random)
            pictures = [resize(picture[window], size, size) for picture in pictures]
        if self.flip:
            pictures = random_flip(pictures, random)
        return random_turn(pictures, random) if self.turns else pictures


class TilePlaces:
    """Where pictures lie: fixed tiles, and random crops near them.

    Args:
        corners: top and left of each tile.
        size: height and width of tiles and crops in pixels.
        starts: top and left of every allowed crop, (n, 2); without any, the tiles themselves come.
    """

    def __init__(self, corners: Sequence[Corner], size: int, starts: np.ndarray = NO_CROPS) -> None:
        self.corners = list(corners)
        self.starts = starts
        self.size = size
        self._known: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.corners)

    def window(self, index: int, random: np.random.Generator | None) -> Window:
        """Return a tile or, given a generator, a crop near it, as slices of rows and columns."""
        top, left = self.corners[index] if random is None else random.choice(self._near(index))
        return slice(top, top + self.size), slice(left, left + self.size)

    def name(self, index: int) -> str:
        """Return where the middle of a tile is, as in `n12.3-e045.0`."""
        top, left = self.corners[index]
        north = 90 - (top + self.size / 2) / PIXELS_A_DEGREE
        east = (left + self.size / 2) / PIXELS_A_DEGREE - 180
        return f"{'n' if north >= 0 else 's'}{abs(north):04.1f}-{'e' if east >= 0 else 'w'}{abs(east):05.1f}"

    def _near(self, index: int) -> np.ndarray:
        """The allowed crops that cover more than half of a tile's height and width, or the tile itself."""
        if index not in self._known:
            corner = np.array([self.corners[index]])
            near = self.starts[np.abs(self.starts - corner).max(axis=1) < self.size // 2]
            self._known[index] = near if len(near) else corner
        return self._known[index]


class TilePairs:
    """Examples whose source and target show one place.

    Args:
        source: where the sources come from.
        target: where the targets come from.
        places: where they lie.
        augmentation: what is done to random crops.
    """

    def __init__(
        self, source: Domain, target: Domain, places: TilePlaces, augmentation: Augmentation
    ) -> None:
        self.source = source
        self.target = target
        self.places = places
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.places)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Return one example; see `zoo.data.dataset.Examples`."""
        window = self.places.window(index, random)
        crops = [domain.raster[window] for domain in (self.source, self.target)]
        if random is not None:
            crops = self.augmentation(crops, random)
        source, target = crops
        return {
            "source": to_float(self.source.look(source)),
            "target": to_float(self.target.look(target)),
        }

    def name(self, index: int) -> str:
        """Return the place of a tile."""
        return self.places.name(index)


class TilePictures:
    """Pictures of one domain, for examples whose source and target show different places.

    Args:
        domain: where they come from.
        places: where they lie.
        augmentation: what is done to random crops.
    """

    def __init__(self, domain: Domain, places: TilePlaces, augmentation: Augmentation) -> None:
        self.domain = domain
        self.places = places
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.places)

    def picture(self, index: int, random: np.random.Generator | None) -> np.ndarray:
        """Return one picture; see `zoo.data.unpaired.Pictures`."""
        crop = self.domain.raster[self.places.window(index, random)]
        if random is not None:
            (crop,) = self.augmentation([crop], random)
        return to_float(self.domain.look(crop))
