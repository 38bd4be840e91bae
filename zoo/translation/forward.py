"""Tiles of many pictures on their way through a network, a batch at a time."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

import numpy as np

from zoo.errors import ZooError
from zoo.translation.tiled import TiledPicture

# Tiles that settle the statistics of a picture.
SAMPLED = 8

Network = Callable[[np.ndarray], np.ndarray]
What = TypeVar("What")


@dataclass(frozen=True)
class Forward:
    """Paints the tiles of pictures, in batches that successive pictures share; see `zoo.Translator`.

    Args:
        network: a Keras model, or a function.
        size: height and width of the tiles.
        batch_size: tiles in one call.
        settle: returns the network for the tiles of a picture of more than one, or None.
    """

    network: Network
    size: tuple[int, int]
    batch_size: int
    settle: Callable[[np.ndarray], Network] | None
    _settled: Lock = field(default_factory=Lock, init=False, repr=False)

    def painted(
        self, pictures: Iterator[tuple[TiledPicture, What]]
    ) -> Iterator[tuple[TiledPicture, What, Iterator[np.ndarray]]]:
        """Yield each picture, what came with it, and its painted tiles, all of which are to be taken."""
        waiting: deque[tuple[TiledPicture, What]] = deque()

        def noted() -> Iterator[TiledPicture]:
            for picture, what in pictures:
                waiting.append((picture, what))
                yield picture

        painted = self._forward(noted())
        for first in painted:
            picture, what = waiting.popleft()
            yield (
                picture,
                what,
                itertools.chain([first], itertools.islice(painted, picture.count - 1)),
            )

    def _forward(self, pictures: Iterator[TiledPicture]) -> Iterator[np.ndarray]:
        """Yield the painted tiles of pictures, computed `batch_size` at a time."""
        waiting: list[np.ndarray] = []
        while True:
            try:
                picture = next(pictures, None)
            except ZooError:
                # What was read before is painted, and written, all the same.
                yield from self._ask(self.network, waiting)
                raise
            alone = picture is not None and picture.count > 1 and self.settle is not None
            if picture is None or alone:
                yield from self._ask(self.network, waiting)
                waiting = []
            if picture is None:
                return
            if alone:
                yield from self._forward_settled(picture)
                continue
            for tile in picture.tiles():
                waiting.append(tile)
                if len(waiting) == self.batch_size:
                    yield from self._ask(self.network, waiting)
                    waiting = []

    def _forward_settled(self, picture: TiledPicture) -> Iterator[np.ndarray]:
        assert self.settle is not None
        left = picture.count
        with ExitStack() as held:
            held.enter_context(self._settled)
            network = self.settle(picture.sample(SAMPLED))
            tiles = picture.tiles()
            while left:
                some = list(itertools.islice(tiles, self.batch_size))
                left -= len(some)
                answers = self._ask(network, some)
                if not left:
                    # Whoever takes the last tile may not come back for more.
                    held.close()
                yield from answers

    def _ask(self, network: Network, tiles: list[np.ndarray]) -> np.ndarray:
        if not tiles:
            return np.empty(0, np.float32)
        ask = getattr(network, "predict_on_batch", network)
        answer = np.asarray(ask(np.stack(tiles)), np.float32)
        if answer.ndim != 4 or answer.shape[:3] != (len(tiles), *self.size):
            raise ZooError(
                f"the network answered pictures of the shape {answer.shape} to "
                f"{(len(tiles), *tiles[0].shape)}; expected the same number, height and width"
            )
        return answer
