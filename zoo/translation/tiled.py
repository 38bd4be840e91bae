"""One picture on its way through a network: cut into tiles, and put together again of what is painted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from zoo.pictures.bands import in_bands
from zoo.pictures.rows import Rows
from zoo.translation.tiling import TiledAxis

Convert = Callable[[np.ndarray], np.ndarray]
Finish = Callable[[np.ndarray, np.ndarray | None], np.ndarray]
Holes = Callable[[np.ndarray], np.ndarray | None]


class TiledPicture:
    """Tiles of a picture, and the picture of its tiles painted; it holds one band of tiles at a time.

    Args:
        rows: the picture.
        height: of the picture.
        width: of the picture.
        down: the tiles along its height.
        across: those along its width.
        size: height and width of a tile.
        seen: turns a part of what `rows` reads into what the network sees.
        finish: turns a part of what is painted, float32 (rows, columns, channels), and its holes, bool
            (rows, columns, 1) or None, into the result's values.
        holes: tells the holes of a part of what `rows` reads, bool (rows, columns, 1), or None if there is none.
    """

    def __init__(
        self,
        rows: Rows,
        height: int,
        width: int,
        *,
        down: TiledAxis,
        across: TiledAxis,
        size: tuple[int, int],
        seen: Convert,
        finish: Finish,
        holes: Holes | None = None,
    ) -> None:
        self.rows = rows
        self.height, self.width = height, width
        self.down, self.across = down, across
        self.size = size
        self.seen = seen
        self.finish = finish
        self.holes = holes
        # Of rows that were read and are not painted yet; None stands for a row without a hole.
        self._holes: deque[np.ndarray | None] = deque()

    @property
    def count(self) -> int:
        """Number of tiles."""
        return len(self.down.starts) * len(self.across.starts)

    def tiles(self) -> Iterator[np.ndarray]:
        """Yield the tiles as the network sees them, row by row."""
        band = np.empty(0)
        read = 0
        for index, top in enumerate(self.down.starts):
            below = min(top + self.size[0], self.height)
            fresh = self.rows.read(read, below, 0, self.width)
            if self.holes is not None:
                found = self.holes(fresh)
                self._holes.extend([None] * len(fresh) if found is None else found)
            # What this band has in common with the one above is not read, nor decoded, again.
            kept = band[len(band) - (read - top) :] if index else fresh[:0]
            band = np.concatenate([kept, fresh]) if len(kept) else fresh
            read = below
            padded = self._padded(band, self.across.length)
            for left in self.across.starts:
                yield self.seen(padded[:, left : left + self.size[1]])

    def sample(self, most: int) -> np.ndarray:
        """Return tiles spread evenly over the picture, as the network sees them, (N, height, width, channels).

        Args:
            most: that are taken; all if there are no more.
        """
        tops, lefts = self.down.starts, self.across.starts
        if self.count <= most:
            places = [(top, left) for top in tops for left in lefts]
        else:
            chosen = {
                (int(y * len(tops)), int(x * len(lefts))) for y, x in _spread_over_a_square(most)
            }
            places = [(tops[row], lefts[column]) for row, column in sorted(chosen)]
        return np.stack([self.seen(self._tile(top, left)) for top, left in places])

    def bands(self, painted: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the finished rows, from the first to the last, a band at a time.

        Args:
            painted: what the network made of `tiles`, float32 (height, width, channels) each; as many are taken.
        """
        height, width = self.size
        band = np.empty(0)
        ends = [*(below for _, below in pairwise(self.down.starts)), self.down.length]
        for top, below, weights_down in zip(self.down.starts, ends, self.down.weights, strict=True):
            for left, weights in zip(self.across.starts, self.across.weights, strict=True):
                tile = next(painted)
                if not band.size:
                    band = np.zeros((height, self.across.length, tile.shape[2]), np.float32)
                band[:, left : left + width] += tile * (
                    weights_down[:, None, None] * weights[:, None]
                )
            # Rows that no later tile reaches.
            yield self._finished(band[: below - top], top)
            band[: height - (below - top)] = band[below - top :]
            band[height - (below - top) :] = 0

    def _finished(self, band: np.ndarray, top: int) -> np.ndarray:
        before, left = self.down.padding[0], self.across.padding[0]
        band = band[max(0, before - top) : before + self.height - top, left : left + self.width]
        holes = self._holes_of(len(band))
        if holes is None:
            return in_bands(
                lambda first, last: self.finish(band[first:last], None), *band.shape[:2]
            )
        return in_bands(
            lambda first, last: self.finish(band[first:last], holes[first:last]), *band.shape[:2]
        )

    def _holes_of(self, rows: int) -> np.ndarray | None:
        """Return the holes of the next rows that are painted, bool (rows, columns, 1); None if there is none."""
        if self.holes is None:
            return None
        found = [self._holes.popleft() for _ in range(rows)]
        if all(row is None for row in found):
            return None
        none = np.zeros((self.width, 1), bool)
        return np.stack([none if row is None else row for row in found])

    def _tile(self, top: int, left: int) -> np.ndarray:
        height, width = self.size
        part = self.rows.read(
            top, min(top + height, self.height), left, min(left + width, self.width)
        )
        return self._padded(part, width)

    def _padded(self, part: np.ndarray, width: int) -> np.ndarray:
        """Return a part continued by its mirror image to the height of a tile and to a width.

        Only short sides are continued at their beginning, and then the part is all there is.
        """
        sides = []
        for axis, length, have in (
            (self.down, self.size[0], part.shape[0]),
            (self.across, width, part.shape[1]),
        ):
            sides.append((axis.padding[0], length - have - axis.padding[0]))
        if not any(map(any, sides)):
            return part
        return np.pad(part, (*sides, (0, 0)), mode="reflect")


def _spread_over_a_square(count: int) -> Iterator[tuple[float, float]]:
    """Yield points of a unit square that leave no part of it out: Hammersley's."""
    for index in range(count):
        turned, rest, share = 0.0, index, 0.5
        while rest:
            turned += share * (rest % 2)
            rest, share = rest // 2, share / 2
        # In the middle of the steps that the other coordinate makes.
        yield (index + 0.5) / count, min(turned + 0.5 / count, 1 - 1e-9)
