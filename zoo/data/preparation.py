"""How stored pictures become examples: resized, cropped, and augmented alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from zoo.data.preparation_options import PreparationOptions, Preprocess
from zoo.data.transforms import (
    centre_window,
    random_colour,
    random_flip,
    random_turn,
    random_window,
    resize,
    rotate_and_scale,
)
from zoo.memory import require_memory
from zoo.pictures import PictureFormat
from zoo.pictures.holes import fill_from_nearest
from zoo.registry.options import defaults_of

# Modes in which the pictures' own proportions decide how large an example is.
FREE = ("scale_width", "none")


@dataclass(frozen=True)
class Preparation:
    """How the pictures of an example are brought to one size and augmented.

    The ways to a size are the reference's: `resize_and_crop` resizes to the size, in training to 1 + jitter times that,
    and crops; `crop` crops as the pictures are; `scale_width_and_crop` resizes to the width, keeping proportions, in
    training to 1 + jitter times that, and crops; `scale_width` resizes to the width and crops nothing; `none` does
    nothing. Training examples are cropped at random, held-out ones in the middle.

    Args:
        height: of the examples, in pixels.
        width: of the examples, in pixels.
        preprocess: the way to that size.
        flip: mirror half of the training examples left to right.
        turns: turn training examples by quarters; needs equal height and width.
        jitter: how much larger than the size training examples are before they are cropped.
        rotate: rotate training examples by up to so many degrees either way.
        scale: zoom into or out of training examples by a factor of up to 1 + scale.
        colour: change the source's brightness, contrast and saturation by a factor of up to 1 + colour.
        multiple: of `scale_width` and `none`, the number of which height and width are a multiple: pictures are
            continued by their mirror image.
    """

    height: int
    width: int
    preprocess: Preprocess = "resize_and_crop"
    flip: bool = True
    turns: bool = False
    jitter: float = 0.117
    rotate: float = 0.0
    scale: float = 0.0
    colour: float = 0.0
    multiple: int = 1

    def __call__(
        self,
        pictures: Sequence[np.ndarray],
        formats: Sequence[PictureFormat],
        random: np.random.Generator | None,
    ) -> list[np.ndarray]:
        """Bring the pictures of an example to the size and, given a generator, augment them all alike.

        Args:
            pictures: as their formats store them, the source first, equally large.
            formats: one a picture.
            random: the only source of chance; None resizes and crops alone.

        Returns:
            float32 (height, width, channels) in [-1, 1], one a picture.
        """
        return self.with_masks(pictures, formats, random)[0]

    def with_masks(
        self,
        pictures: Sequence[np.ndarray],
        formats: Sequence[PictureFormat],
        random: np.random.Generator | None,
    ) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
        """Do the same, and return masks as well.

        Returns:
            The pictures, and for each its mask: float32 (height, width, 1), 1 where every channel has a value and 0
            elsewhere; None if its format is not masked.
        """
        height, width = self.resized(*pictures[0].shape[:2], augmented=random is not None)
        nearest = [bool(form.classes) for form in formats]
        # Of a label map they are the index of no class, which moves with the others.
        holes = [
            None if form.classes and not form.masked else form.holes(picture)
            for form, picture in zip(formats, pictures, strict=True)
        ]
        # What holes stand for must not be mixed into their neighbours.
        moved = [
            picture if hole is None or near else fill_from_nearest(picture, hole)
            for picture, hole, near in zip(pictures, holes, nearest, strict=True)
        ]
        moved += [hole.astype(np.uint8) for hole in holes if hole is not None]
        nearest += [True] * (len(moved) - len(pictures))
        moved = [
            resize(picture, height, width, nearest=near)
            for picture, near in zip(moved, nearest, strict=True)
        ]
        if random is None:
            window = centre_window(height, width, *self._crop(height, width))
            moved = [self._padded(picture[window]) for picture in moved]
        else:
            moved = self._augmented(moved, nearest, random)
        rest = iter(moved[len(pictures) :])
        holes = [None if hole is None else next(rest).astype(bool) for hole in holes]
        shown = [form.to_network(picture) for form, picture in zip(formats, moved, strict=False)]
        if random is not None and self.colour and not nearest[0]:
            shown[0] = random_colour(shown[0], self.colour, random)
        shown = [
            picture if hole is None or form.classes else form.filled(picture, hole)
            for form, picture, hole in zip(formats, shown, holes, strict=True)
        ]
        return shown, [
            _mask(picture, hole) if form.masked else None
            for form, picture, hole in zip(formats, shown, holes, strict=True)
        ]

    def resized(self, height: int, width: int, *, augmented: bool = False) -> tuple[int, int]:
        """Return the height and width that a picture is resized to before it is cropped."""
        larger = 1 + self.jitter if augmented else 1
        if self.preprocess == "resize_and_crop":
            return round(self.height * larger), round(self.width * larger)
        if self.preprocess == "scale_width":
            return max(1, round(height * self.width / width)), self.width
        if self.preprocess == "scale_width_and_crop":
            across = round(self.width * larger)
            # The reference, too, stretches a picture that would be too low to crop.
            return max(round(height * across / width), self.height), across
        return height, width

    def fitted(self, height: int, width: int) -> Preparation:
        """Return the preparation of pictures of a size, of which the examples' size follows where it is free."""
        if self.preprocess not in FREE:
            return self
        sides = self.resized(height, width)
        height, width = (-(-side // self.multiple) * self.multiple for side in sides)
        return replace(self, height=height, width=width)

    def misfit(self, height: int, width: int) -> str:
        """Say why a picture of a size cannot become an example; empty if it can."""
        if self.preprocess in FREE:
            fitted = self.fitted(height, width)
            if (fitted.height, fitted.width) != (self.height, self.width):
                return (
                    f"is {width} x {height} pixels, which preprocess {self.preprocess} makes "
                    f"{fitted.width} x {fitted.height}, others {self.width} x {self.height}; "
                    "expected one size: use resize_and_crop, crop or scale_width_and_crop"
                )
        elif self.preprocess == "crop" and (height < self.height or width < self.width):
            return (
                f"is {width} x {height} pixels, less than the {self.width} x {self.height} that is cropped; "
                "use resize_and_crop, or a smaller size"
            )
        return ""

    def _augmented(
        self, pictures: list[np.ndarray], nearest: list[bool], random: np.random.Generator
    ) -> list[np.ndarray]:
        if self.rotate or self.scale:
            degrees = random.uniform(-self.rotate, self.rotate)
            factor = (1 + self.scale) ** random.uniform(-1, 1)
            pictures = [
                rotate_and_scale(picture, degrees, factor, nearest=near)
                for picture, near in zip(pictures, nearest, strict=True)
            ]
        height, width = pictures[0].shape[:2]
        window = random_window(height, width, *self._crop(height, width), random)
        pictures = [self._padded(picture[window]) for picture in pictures]
        if self.flip:
            pictures = random_flip(pictures, random)
        return random_turn(pictures, random) if self.turns else pictures

    def _crop(self, height: int, width: int) -> tuple[int, int]:
        return min(height, self.height), min(width, self.width)

    def _padded(self, picture: np.ndarray) -> np.ndarray:
        missing = (self.height - picture.shape[0], self.width - picture.shape[1])
        if missing == (0, 0):
            return picture
        sides = [(length // 2, length - length // 2) for length in missing]
        return np.pad(picture, (*sides, (0, 0)), mode="reflect")


def _mask(picture: np.ndarray, holes: np.ndarray | None) -> np.ndarray:
    if holes is None:
        return np.ones((*picture.shape[:2], 1), np.float32)
    return np.atleast_3d(~holes.any(axis=-1)).astype(np.float32)


def preparation_of(**options: Unpack[PreparationOptions]) -> Preparation:
    """Return a preparation as recipes describe it.

    Args:
        options: those that are left out have their defaults.

    Raises:
        ValueError: if arguments contradict each other, or examples are too large for this machine's memory.
    """
    arguments = {**defaults_of(PreparationOptions), **options}
    size = arguments.pop("size")
    height, width = (size, size) if isinstance(size, int) else size
    # Before anybody makes an example of that size, in three channels of float32.
    pixels = f"pictures of {height} x {width} pixels"
    require_memory(12 * abs(height * width), pixels, "a smaller size")
    preparation = Preparation(height, width, **arguments)
    if min(height, width) < 1:
        raise ValueError(f"the size is {height} x {width}; expected at least 1 pixel each way")
    if preparation.turns and height != width:
        raise ValueError(
            f"turns needs square pictures, but the size is {height} x {width}; "
            "set turns to false or use one number as size"
        )
    if preparation.turns and preparation.preprocess in FREE:
        raise ValueError(
            f"turns needs square pictures, which preprocess {preparation.preprocess} does not promise; "
            "set turns to false, or use resize_and_crop, crop or scale_width_and_crop"
        )
    if preparation.multiple > 1 and preparation.preprocess not in FREE:
        raise ValueError(
            f"multiple is for preprocess {' and '.join(FREE)}; with {preparation.preprocess} the size is what size says"
        )
    return preparation
