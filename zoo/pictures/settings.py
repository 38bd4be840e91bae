"""What a recipe says about the pictures of one side, and the format that follows from it and the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zoo.errors import DataError
from zoo.pictures.channels import counted_channels
from zoo.pictures.formats import PictureFormat
from zoo.pictures.header import Header
from zoo.pictures.holes import nodata_of
from zoo.pictures.labels import UNLABELLED
from zoo.pictures.read import read_header
from zoo.pictures.source import Source, Stream
from zoo.pictures.write import fits

# Pictures that are looked at for percentiles and tags, and values of each.
LOOKED_AT, VALUES_EACH = 256, 2**16
# Kinds of files that lose nothing, so that a translated picture may be one as well.
LOSSLESS = (".png", ".tif", ".tiff", ".npy", ".bmp")
# More than any instrument has; a number beyond is a mistake that would take all memory.
MOST_CHANNELS = 4096


class FormatSettings(BaseModel):
    """How the pictures of one side are stored; without any of these 8-bit colours are expected."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    channels: Literal["rgb", "grey"] | int = Field(
        "rgb",
        description="rgb or grey, to which pictures are turned where they are not, or the number of channels, "
        "which are taken as they are.",
    )
    range: tuple[float, float] | None = Field(
        None,
        description="The file values that become -1 and 1; what lies outside is clipped. Needed for all but 8 bits.",
    )
    percentiles: tuple[float, float] | None = Field(
        None,
        description="Instead of a range: the percentiles of each channel's values, over the training pictures, that "
        "become -1 and 1.",
    )
    classes: int | list[int] | list[tuple[int, int, int]] | None = Field(
        None,
        description="For label maps: the number of classes, whose values are 0, 1, 2, …; or a list of their values; or "
        "of their colours as [red, green, blue]. The value 255 is no class.",
    )
    nodata: float | None = Field(
        None,
        description="The file value that marks holes, where a picture has no value; null takes it from the tag of TIFF "
        "files (GDAL's, 42113), if they have one. In files of floats NaN marks holes as well.",
    )
    fill: float | None = Field(
        None,
        description="The file value that networks see in the place of a hole; null is the lower end of the range.",
    )
    masked: bool = Field(
        False,
        description="Of targets: leave their holes, or pixels of no class, out of losses and metrics.",
    )
    unit: str = Field(
        "",
        description="Unit of the values in files, such as m or HU, in which evaluations then tell errors.",
    )

    def __repr__(self) -> str:
        """Write what was set, as a recipe would."""
        return "{" + ", ".join(f"{key}: {value}" for key, value in self._set().items()) + "}"

    def _set(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if isinstance(self.channels, int) and not 1 <= self.channels <= MOST_CHANNELS:
            raise ValueError(
                f"channels are {self.channels}; expected rgb, grey, or 1 to {MOST_CHANNELS}"
            )
        if self.range and self.percentiles:
            raise ValueError("range and percentiles are both given; expected one of them")
        if self.classes is not None and (self.range or self.percentiles or self.channels != "rgb"):
            raise ValueError("classes take no channels, range or percentiles beside them")
        if self.classes is not None and (self.nodata is not None or self.fill is not None):
            raise ValueError(
                "classes take no nodata or fill beside them: a pixel of the value 255, or that a file's tag marks, is "
                "of no class"
            )
        if self.classes is not None and self.unit:
            raise ValueError("classes take no unit beside them")
        if self.range and not self.range[0] < self.range[1]:
            raise ValueError(f"range is {list(self.range)}; expected the lower value first")
        if self.percentiles and not 0 <= self.percentiles[0] < self.percentiles[1] <= 100:
            raise ValueError(
                f"percentiles are {list(self.percentiles)}; expected two from 0 to 100, the lower first"
            )
        if self.classes is not None:
            listed = self.classes if isinstance(self.classes, list) else range(self.classes)
            if not 2 <= len(listed) < UNLABELLED:
                raise ValueError(f"there are {len(listed)} classes; expected 2 to {UNLABELLED - 1}")
            if len(set(listed)) < len(listed):
                raise ValueError("a class is listed twice")
        return self


def format_of(settings: FormatSettings, files: Sequence[Source], key: str) -> PictureFormat:
    """Return the format of files, of which the first that can be read tells the type of all.

    Args:
        settings: what the recipe says.
        files: pictures of one side to train on, at least one.
        key: the recipe's key of these settings, for errors.

    Raises:
        DataError: if the range of its values has to be stated.
    """
    first = first_readable(files)
    if first is None:
        # Why none can be read is told of each when all are looked at.
        return PictureFormat(settings.channels)
    file, header = first
    suffix = file.suffix.lower() if isinstance(file, Path) else ""
    if settings.masked and key == "source_format":
        raise DataError("masked leaves holes of targets out of losses; set it in target_format")
    classes = settings.classes
    if classes is not None:
        listed: Any = range(classes) if isinstance(classes, int) else classes
        return PictureFormat(
            dtype=header.dtype,
            classes=tuple(listed),
            suffix=suffix if suffix in LOSSLESS else ".png",
            masked=settings.masked,
        )
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (255.0,)
    if settings.range:
        low, high = (settings.range[0],), (settings.range[1],)
    nodata = _nodata(settings, files, header.dtype, key)
    form = PictureFormat(settings.channels, header.dtype, low, high, nodata=nodata)
    if settings.percentiles:
        low, high = _percentiles(form, files, settings.percentiles)
    elif not settings.range and header.dtype != "uint8":
        raise DataError(_unstated(settings, file, header, key))
    blank = np.empty((1, 1, form.depth), form.dtype)
    if suffix not in LOSSLESS or not (suffix in (".tif", ".tiff", ".npy") or fits(blank, suffix)):
        suffix = ".png" if fits(blank, ".png") else ".tif"
    return replace(
        form,
        low=low,
        high=high,
        suffix=suffix,
        fill=settings.fill,
        masked=settings.masked,
        unit=settings.unit,
    )


def first_readable(files: Iterable[Source]) -> tuple[Source, Header] | None:
    """Return the first file whose header can be read, with that; None if there is none."""
    for file in files:
        with suppress(DataError):
            return file, read_header(file)
    return None


def _nodata(
    settings: FormatSettings, files: Sequence[Source], dtype: str, key: str
) -> float | None:
    """Return the value that marks holes: what the recipe says, or else the tags of the files."""
    floats = dtype.startswith("float")
    nodata = settings.nodata
    if nodata is not None and nodata_of(nodata, dtype) is None:
        raise DataError(f"{key}.nodata is {nodata:g}, which no value of {dtype} is; leave it out")
    if nodata is None:
        for file in _spread(files):
            if isinstance(file, Stream) or file.suffix.lower() in (".tif", ".tiff"):
                with suppress(DataError):
                    nodata = read_header(file).nodata
            if nodata is not None:
                break
    if settings.masked and nodata is None and not floats:
        raise DataError(
            f"{key}.masked leaves holes out, but no value marks any: set {key}.nodata to the value that does"
        )
    return nodata


def _spread(files: Sequence[Source]) -> Sequence[Source]:
    """Return files spread evenly over all."""
    return files[:: max(1, len(files) // LOOKED_AT)][:LOOKED_AT]


def _together(files: Sequence[Source]) -> str:
    first = files[0]
    return f"the pictures {f'in {first.parent}' if isinstance(first, Path) else f'such as {first}'}"


def _percentiles(
    form: PictureFormat, files: Sequence[Source], percentiles: tuple[float, float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the values of a channel, of pictures spread evenly over all, at two percentiles."""
    seen = []
    for file in _spread(files):
        # Those that cannot be read are named when all are looked at.
        with suppress(DataError, ValueError):
            stored = form.read(file)
            holes = form.holes(stored)
            values = stored if holes is None else np.where(holes, np.nan, stored)
            values = values.reshape(-1, form.depth)
            seen.append(values[:: max(1, len(values) // VALUES_EACH)])
    if not seen:
        raise DataError(f"none of {_together(files)} can be read")
    values = np.concatenate(seen).astype(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    low, high = np.nanpercentile(values, percentiles, axis=0)
    if not (low < high).all():
        channel = int(np.argmin(low < high)) + 1
        raise DataError(
            f"channel {channel} of {_together(files)} has the same value, {low[channel - 1]:g}, at the "
            f"percentiles {percentiles[0]:g} and {percentiles[1]:g}; state a range, or percentiles further apart"
        )
    return tuple(low.tolist()), tuple(high.tolist())


def _unstated(settings: FormatSettings, file: Source, header: Header, key: str) -> str:
    count = counted_channels(header.channels)
    most = np.iinfo(header.dtype).max if np.dtype(header.dtype).kind in "iu" else 1
    channels = ""
    if settings.channels == "rgb" and header.channels not in (3, 4):
        channels = f", and {key}.channels to {header.channels}"
    return (
        f"{file} has {count} of {header.dtype}, and not of 8 bits; set {key}.range to the values that are to be "
        f"darkest and brightest, such as [0, {most}], or {key}.percentiles to [0.5, 99.5]{channels}"
    )
