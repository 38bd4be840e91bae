"""What the values in picture files mean to a network, and how what it paints is written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from zoo.errors import DataError
from zoo.pictures.bands import in_bands
from zoo.pictures.channels import counted_channels, grey_or_colours, on_white, type_in_words
from zoo.pictures.header import several_pages
from zoo.pictures.holes import find_holes, nodata_tag
from zoo.pictures.labels import UNLABELLED, Classes, are_coloured, class_indices, palette_of
from zoo.pictures.read import decode
from zoo.pictures.source import Source
from zoo.pictures.tiff_tags import Tag
from zoo.pictures.values import to_float, to_uint8
from zoo.pictures.write import write_picture

Channels = int | Literal["rgb", "grey"]


@dataclass(frozen=True)
class PictureFormat:
    """The pictures of one side of a dataset: their channels, and which values become -1 and 1.

    Args:
        channels: `"rgb"`, `"grey"`, or the exact number of channels of every file.
        dtype: NumPy's name of the type of the values in files, such as `"uint16"`.
        low: file values that become -1: one, or one a channel.
        high: file values that become 1.
        classes: of label maps: the value in files of each class, or its colour (red, green, blue).
        suffix: of the files that are written, `".png"`, `".tif"` or `".npy"`.
        nodata: the value in files that marks holes, which have no value; in files of floats NaN always does.
        fill: the value in files that a network sees in the place of a hole; None is `low`.
        masked: of targets, whether their holes are left out of losses and metrics.
        unit: of the values in files, for people, such as `"m"`; empty if it is not known. Formats that differ in it
            alone are equal.
    """

    channels: Channels = "rgb"
    dtype: str = "uint8"
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (255.0,)
    classes: Classes = ()
    suffix: str = ".png"
    nodata: float | None = None
    fill: float | None = None
    masked: bool = False
    unit: str = field(default="", compare=False)

    @property
    def depth(self) -> int:
        """Channels that a network sees: of label maps one a class."""
        if self.classes:
            return len(self.classes)
        if isinstance(self.channels, int):
            return self.channels
        return 3 if self.channels == "rgb" else 1

    @property
    def by_value(self) -> bool:
        """Whether classes are told by the values in files, which may be indices of a palette, and not by colours."""
        return bool(self.classes) and not are_coloured(self.classes)

    @property
    def plain(self) -> bool:
        """Whether the values are all of 8 bits, scaled from 0 to 255."""
        return (
            not self.classes
            and self.dtype == "uint8"
            and self.low == (0.0,)
            and self.high == (255.0,)
            and self.nodata is None
        )

    @property
    def hole(self) -> float | None:
        """The value in files that is written where there is none; None if the format has no such value."""
        if self.nodata is not None:
            return self.nodata
        if self.classes:
            unlabelled = self.by_value and np.iinfo(self.dtype).max >= UNLABELLED
            return UNLABELLED if unlabelled else None
        return float("nan") if self.dtype.startswith("float") else None

    def read(self, source: Source) -> np.ndarray:
        """Read a picture file; see `as_stored`. Holes, by the file's own tag as well, have the value of the format's.

        Raises:
            DataError: if it cannot be read, or is not of this format.
        """
        return read_as(source, self)[0]

    def as_stored(self, array: np.ndarray) -> np.ndarray:
        """Return a picture with the channels of this format, its values as they are in files.

        Grey is repeated to RGB, RGB mixed to grey; both are laid on white where they are transparent.

        Args:
            array: (height, width, channels) of any number of channels.

        Returns:
            (height, width, channels) of this format's type; of label maps (height, width, 1), uint8, the index of each
            pixel's class, or 255 where it has none.

        Raises:
            ValueError: if it has another number of channels, another type, or colours that are no class.
        """
        self.check(array.shape[2], str(array.dtype))
        exact = isinstance(self.channels, int) or array.shape[2] == self.depth
        if exact and not self.classes:
            return array
        return in_bands(lambda top, below: self._converted(array[top:below]), *array.shape[:2])

    def _converted(self, array: np.ndarray) -> np.ndarray:
        if self.classes:
            shown = RGB.as_stored(array) if are_coloured(self.classes) else array
            return class_indices(shown, self.classes)
        # NaN is NaN after any sum.
        holes = None
        if self.nodata is not None:
            holes = find_holes(array[..., : 1 if array.shape[2] < 3 else 3], self.nodata)
        laid = grey_or_colours(on_white(array), self.depth)
        return laid if holes is None else self._with_holes(laid, np.atleast_3d(holes.any(axis=-1)))

    def holes(self, stored: np.ndarray) -> np.ndarray | None:
        """Return where a picture has no value.

        Args:
            stored: what `read` and `as_stored` return.

        Returns:
            bool (height, width, channels), of label maps where a pixel has no class; None if there is no hole.
        """
        return find_holes(stored, UNLABELLED if self.classes else self.nodata)

    def check(self, channels: int, dtype: str, *, indexed: bool = False, pages: int = 1) -> None:
        """See whether pictures of a kind are of this format.

        Args:
            channels: of the file.
            dtype: of its values.
            indexed: whether the values are indices of a palette, with the channels of its colours.
            pages: of the file, which together have these channels.

        Raises:
            ValueError: if they are not; says what was expected.
        """
        if dtype != self.dtype:
            raise ValueError(
                f"has values of {type_in_words(dtype)}; expected {type_in_words(self.dtype)}"
            )
        if pages > 1 and channels != self.channels:
            raise ValueError(several_pages(pages, channels))
        if self.by_value:
            if channels != 1 and not indexed:
                raise ValueError(
                    f"has {counted_channels(channels)}; expected a label map of one, or a list of the classes' colours"
                )
        elif isinstance(self.channels, int):
            if channels != self.channels:
                raise ValueError(f"has {counted_channels(channels)}; expected {self.channels}")
        elif channels > 4:
            raise ValueError(
                f"has {channels} channels; expected grey or colours, or set channels to {channels}"
            )

    def to_network(self, stored: np.ndarray) -> np.ndarray:
        """Return what a network sees.

        Args:
            stored: what `read` and `as_stored` return.

        Returns:
            float32 (height, width, depth) in [-1, 1], in holes `fill`; of label maps 1 for a pixel's class and -1 for
            all others.
        """
        if self.classes:
            return np.where(stored == np.arange(self.depth), np.float32(1), np.float32(-1))
        if self.plain:
            return to_float(stored)
        holes = self.holes(stored)
        if holes is not None:
            stored = np.where(holes, np.array(self.filling, np.float32), stored)
        low, high = (np.array(bound, np.float32) for bound in (self.low, self.high))
        scaled = (stored.astype(np.float32) - low) * (2 / (high - low)) - 1
        return np.clip(scaled, -1, 1, out=scaled)

    def filled(self, values: np.ndarray, holes: np.ndarray) -> np.ndarray:
        """Return what a network sees with `fill` in holes.

        Args:
            values: float32 (height, width, depth) in [-1, 1].
            holes: bool of the same shape.
        """
        low, high, fill = (np.array(part, "f4") for part in (self.low, self.high, self.filling))
        return np.where(holes, np.clip((fill - low) * (2 / (high - low)) - 1, -1, 1), values)

    def from_network(self, values: np.ndarray, holes: np.ndarray | None = None) -> np.ndarray:
        """Return the values in files of what a network paints: the inverse of `to_network`.

        A value that would be taken for a hole becomes its neighbour.

        Args:
            values: float (height, width, depth) in [-1, 1].
            holes: bool (height, width, 1), where holes are written, if the format has a value for them.

        Returns:
            (height, width, channels) as `write` takes it, rounded and clipped to this format's range; of label maps the
            value or the colour of the likeliest class.
        """
        if self.classes:
            written = self._class_values[np.argmax(values, axis=-1)]
        elif self.plain:
            written = to_uint8(values)
        else:
            low, high = (np.array(bound) for bound in (self.low, self.high))
            scaled = (np.clip(values, -1, 1).astype(np.float64) + 1) * (high - low) / 2 + low
            whole = not self.dtype.startswith("float")
            written = (np.rint(scaled) if whole else scaled).astype(self.dtype)
            if self.nodata is not None:
                written[written == written.dtype.type(self.nodata)] = self.beside_nodata
        return written if holes is None else self._with_holes(written, holes)

    def write(self, path: Path, picture: np.ndarray) -> None:
        """Write what `from_network` returned, at its bit depth, in the kind of file of the path's suffix."""
        write_picture(path, picture, self.tags)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What a TIFF file says of this format: the value of holes."""
        return () if self.nodata is None else (nodata_tag(self.nodata),)

    def for_people(self, values: np.ndarray) -> np.ndarray:
        """Return what a network sees or paints as a picture to look at.

        One or two channels are shown grey, of more than three the first three; classes by their colours.

        Args:
            values: float (height, width, depth) in [-1, 1].

        Returns:
            uint8 (height, width, 3).
        """
        if self.classes:
            shown = self.palette[np.argmax(values, axis=-1)]
            return np.where((values > 0).any(axis=-1, keepdims=True), shown, np.uint8(255))
        shown = to_uint8(values)
        return shown[..., :3] if shown.shape[2] >= 3 else np.repeat(shown[..., :1], 3, axis=-1)

    @cached_property
    def palette(self) -> np.ndarray:
        """A colour for each class, uint8 (depth, 3): its own, or one that differs from its neighbours'."""
        return palette_of(self.classes)

    def as_json(self) -> dict[str, Any]:
        """Return the format as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PictureFormat:
        """Return the format of what `as_json` returned."""
        return cls(
            **{
                **data,
                "low": tuple(data["low"]),
                "high": tuple(data["high"]),
                "classes": tuple(
                    tuple(item) if isinstance(item, list | tuple) else item
                    for item in data["classes"]
                ),
            }
        )

    @property
    def filling(self) -> tuple[float, ...]:
        """The values in files that a network sees in the place of holes: one, or one a channel."""
        return self.low if self.fill is None else (self.fill,)

    @cached_property
    def beside_nodata(self) -> np.generic:
        """The value next to the one that marks holes, towards the middle of the range."""
        nodata = np.dtype(self.dtype).type(self.nodata or 0)
        upwards = 2 * float(nodata) < min(self.low) + max(self.high)
        if nodata.dtype.kind == "f":
            beside: np.generic = np.nextafter(
                nodata, nodata.dtype.type(np.inf if upwards else -np.inf)
            )
        else:
            beside = nodata.dtype.type(int(nodata) + (1 if upwards else -1))
        return beside

    def with_known_holes(self, array: np.ndarray, nodata: float | None) -> np.ndarray:
        """Return a file's values with the format's value in holes, or, if it has none, `fill`.

        Args:
            array: (height, width, channels); of another type than the format's it stays as it is.
            nodata: what marks holes by the file's own tag.
        """
        if (
            nodata in (None, self.nodata)
            or str(array.dtype) != self.dtype
            or are_coloured(self.classes)
        ):
            return array
        holes = find_holes(array, nodata)
        if holes is None:
            return array
        value = np.array(self.filling if self.hole is None else self.hole)
        if array.dtype.kind != "f":
            bounds = np.iinfo(array.dtype)
            value = np.clip(np.rint(value), bounds.min, bounds.max)
        return np.where(holes, value.astype(array.dtype), array)

    def _with_holes(self, written: np.ndarray, holes: np.ndarray) -> np.ndarray:
        value = self.hole
        return written if value is None else np.where(holes, written.dtype.type(value), written)

    @cached_property
    def _class_values(self) -> np.ndarray:
        """What stands in files for each class: (depth, 1) or (depth, 3)."""
        values = np.array(self.classes)
        return values.astype(self.dtype).reshape(self.depth, -1)

    def checked(self, array: np.ndarray, source: Source, nodata: float | None = None) -> np.ndarray:
        """Return what `as_stored` does of a file's values.

        Args:
            array: (height, width, channels).
            source: the file, for errors.
            nodata: what marks holes by the file's own tag.

        Raises:
            DataError: if they are not of this format; names the file.
        """
        try:
            return self.as_stored(self.with_known_holes(array, nodata))
        except ValueError as error:
            raise DataError(f"{source} {error}") from None


RGB = PictureFormat()
"""8-bit colours."""


def read_as(source: Source, *formats: PictureFormat) -> list[np.ndarray]:
    """Read a picture file, once, for several formats; see `PictureFormat.read`."""
    decoded = decode(source, *(form.channels for form in formats))
    nodata = decoded.header.nodata
    values = {
        indexed: decoded.values(indexed=indexed) for indexed in {form.by_value for form in formats}
    }
    del decoded  # which holds what Pillow has decoded
    known = {form: form.checked(values[form.by_value], source, nodata) for form in set(formats)}
    return [known[form] for form in formats]


def read_picture(source: Source) -> np.ndarray:
    """Read an 8-bit picture as uint8 RGB of shape (height, width, 3).

    The EXIF orientation is applied; grey and palette pictures become RGB; transparency is laid on white.

    Raises:
        DataError: if the file cannot be read as a picture, or has other than 8 bits a channel.
    """
    return RGB.read(source)
