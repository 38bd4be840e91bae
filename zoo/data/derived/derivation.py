"""What makes sources from targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zoo.pictures import PictureFormat

Function = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def same_format(target: PictureFormat) -> PictureFormat:
    """Return the format of the targets, of sources that are stored alike."""
    return target


@dataclass(frozen=True)
class Derivation:
    """A function from targets to sources, and how such sources are stored in files.

    Args:
        name: a word or two for people, such as `"edges"`.
        function: takes a target, float32 (height, width, channels) in [-1, 1], and the example's random generator, from
            which all its chance must come. Returns the source, float32 (height, width, any number of channels) in
            [-1, 1], and leaves the target as it is.
        source_format: takes the format of the targets and returns that of the sources: how `zoo translate` is to read
            files that look like the sources. Raises ValueError for targets that the function cannot use.
    """

    name: str
    function: Function
    source_format: Callable[[PictureFormat], PictureFormat] = same_format

    def check(self, target: np.ndarray, form: PictureFormat) -> None:
        """See whether the function does with a target what it should.

        Args:
            target: float32 (height, width, channels) in [-1, 1].
            form: the format of the sources.

        Raises:
            ValueError: if it does not; says what was expected.
        """
        before = target.copy()
        source = self.function(target, np.random.default_rng(0))
        height, width = target.shape[:2]
        wanted = f"float32 of shape {(height, width, form.depth)} in [-1, 1]"
        if not isinstance(source, np.ndarray):
            raise ValueError(
                f"function {self.name} returned {type(source).__name__}; expected an array, {wanted}"
            )
        if source.dtype != np.float32 or source.shape != (height, width, form.depth):
            raise ValueError(
                f"function {self.name} returned {source.dtype} of shape {source.shape}; expected {wanted}"
            )
        low, high = float(source.min()), float(source.max())
        if not (low >= -1 and high <= 1):
            raise ValueError(
                f"function {self.name} returned values from {low:g} to {high:g}; expected {wanted}"
            )
        if not np.array_equal(before, target):
            raise ValueError(f"function {self.name} changed its target; expected a new array")
