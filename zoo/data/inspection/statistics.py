"""Statistics of the values in pictures, channel by channel, in bounded memory."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zoo.data.inspection.survey import Survey
from zoo.data.inspection.threads import in_threads
from zoo.errors import DataError
from zoo.pictures import Header
from zoo.pictures.holes import find_holes
from zoo.pictures.read import decode

# Values of a channel that percentiles are taken of, in all, and of one picture at least.
VALUES, LEAST_EACH = 2**18, 16
# Values that are added up at a time, in 64 bits.
AT_ONCE = 2**20
# A picture of more different values, or of one value for less than so many pixels, is no label map.
MOST_CLASSES, PIXELS_A_CLASS = 64, 16
# Kinds of files that change values a little.
LOSSY = ("JPEG", "WEBP")
PERCENTILES = (0.5, 99.5)

# A value of a label map: whole, or red, green and blue.
Label = int | tuple[int, int, int]


@dataclass(frozen=True)
class Channel:
    """The values of one channel, as they are in files; no numbers if it has none that are finite.

    Args:
        least: of all.
        most: of all.
        mean: of all.
        deviation: standard deviation.
        low: 0.5 percentile.
        high: 99.5 percentile.
    """

    least: float
    most: float
    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True)
class Statistics:
    """The values in pictures of one side that have the same channels and the same type.

    Args:
        side: which pictures, such as `"A"`.
        dtype: NumPy's name of the type of the values.
        pictures: how many were decoded.
        channels: one entry a channel.
        labels: the different values or colours, ascending, if the pictures seem to be label maps.
        colourless: whether the three colours are equal at every pixel.
        not_finite: values that are infinite or no number, in all channels; they are not counted above.
        nodata: the value that marks holes by the files' own tags; None if no file names one.
        holes: values of that kind, in all channels; they are not counted above.
    """

    side: str
    dtype: str
    pictures: int
    channels: tuple[Channel, ...]
    labels: tuple[Label, ...] | None = None
    colourless: bool = False
    not_finite: int = 0
    nodata: float | None = None
    holes: int = 0


@dataclass
class Decoded:
    """What decoding a sample of the pictures showed.

    Args:
        statistics: by side, channels and type.
        digests: of the pixels, by file.
        broken: files that have a header but cannot be decoded, each with the reason.
    """

    statistics: list[Statistics] = field(default_factory=list)
    digests: dict[Path, bytes] = field(default_factory=dict)
    broken: dict[Path, str] = field(default_factory=dict)


@dataclass
class _Look:
    """What one picture, or its half, adds; all arrays have an entry a channel."""

    dtype: str
    count: np.ndarray  # of finite values that are no holes
    least: np.ndarray
    most: np.ndarray
    mean: np.ndarray
    squares: np.ndarray  # sum of squared distances from the mean
    values: np.ndarray  # (some, channels)
    labels: frozenset[Label] | None
    colourless: bool
    not_finite: int
    nodata: float | None
    holes: int

    @property
    def kind(self) -> tuple[int, str]:
        return len(self.mean), self.dtype


def decode_sample(
    files: Sequence[tuple[str, Path]], survey: Survey, *, halves: Sequence[str] = ()
) -> Decoded:
    """Decode pictures in threads, and sum up what is in them.

    Args:
        files: side and file of each.
        survey: with their headers.
        halves: names of the two sides, if files hold both side by side.
    """
    each = max(LEAST_EACH, VALUES // max(1, len(files)))
    found = Decoded()
    looks: dict[tuple[str, tuple[int, str]], list[_Look]] = defaultdict(list)
    paths = [path for _, path in files]
    answers = in_threads(
        lambda path: _look(path, survey.headers[path], bool(halves), each), paths, "pictures"
    )
    for (side, path), answer in zip(files, answers, strict=True):
        if isinstance(answer, str):
            found.broken[path] = answer
            continue
        digest, seen = answer
        found.digests[path] = digest
        for name, look in zip(halves or (side,), seen, strict=True):
            looks[name, look.kind].append(look)
    order = sorted(looks, key=lambda key: (key[0], -len(looks[key])))
    found.statistics = [_summed(side, looks[side, kind]) for side, kind in order]
    return found


def _look(path: Path, header: Header, halved: bool, each: int) -> tuple[bytes, list[_Look]] | str:
    try:
        # The indices of a palette tell a label map; its colours are told by the kind of file.
        decoded = decode(path)
        picture = decoded.values()
        indices = decoded.values(indexed=True) if header.indexed else picture
    except DataError as error:
        return str(error).removeprefix(f"{path} ")
    content = hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=16)
    content.update(f"{picture.shape} {picture.dtype}".encode())
    middle = picture.shape[1] // 2
    windows = (slice(0, middle), slice(middle, None)) if halved else (slice(None),)
    lossy = header.kind in LOSSY
    return content.digest(), [
        _values(
            picture[:, window], None if lossy else indices[:, window], each, nodata=header.nodata
        )
        for window in windows
    ]


def _values(
    picture: np.ndarray, indices: np.ndarray | None, each: int, *, nodata: float | None
) -> _Look:
    """Sum up a picture (height, width, channels) without its holes; `indices` is where label maps have their values."""
    pixels = picture.reshape(-1, picture.shape[2])
    chosen = pixels
    if len(pixels) > each:
        # At random, as even steps could meet the same column of every row.
        chosen = pixels[np.random.default_rng(0).integers(len(pixels), size=each)]
    chosen = _without_holes(chosen, nodata)
    total, square, count = np.zeros((3, pixels.shape[1]))
    least, most = np.full(pixels.shape[1], np.inf), np.full(pixels.shape[1], -np.inf)
    colourless = pixels.shape[1] == 3
    rows = max(1, AT_ONCE // pixels.shape[1])
    # Squares of distances from a value near the mean keep their digits.
    shift = np.nan_to_num(chosen, nan=0, posinf=0, neginf=0).mean(axis=0)
    holes = 0
    for first in range(0, len(pixels), rows):
        block = pixels[first : first + rows]
        values = _without_holes(block, nodata)
        usable = np.isfinite(values)
        if nodata is not None:
            holes += int((np.isnan(values) & ~np.isnan(block)).sum())
        least = np.minimum(least, np.where(usable, values, np.inf).min(axis=0))
        most = np.maximum(most, np.where(usable, values, -np.inf).max(axis=0))
        distance = np.where(usable, values - shift, 0)
        count += usable.sum(axis=0)
        total += distance.sum(axis=0)
        square += (distance**2).sum(axis=0)
        colourless = colourless and bool((block[:, :1] == block[:, 1:]).all())
    some = np.maximum(count, 1)
    return _Look(
        dtype=str(picture.dtype),
        count=count,
        least=least,
        most=most,
        mean=shift + total / some,
        squares=square - total**2 / some,
        values=chosen,
        labels=None if indices is None else _labels(indices, nodata),
        colourless=colourless,
        not_finite=int((len(pixels) - count).sum()) - holes,
        nodata=nodata,
        holes=holes,
    )


def _without_holes(values: np.ndarray, nodata: float | None) -> np.ndarray:
    """Return values as float64, NaN in holes."""
    holes, found = find_holes(values, nodata), values.astype(np.float64)
    return found if holes is None else np.where(holes, np.nan, found)


def _labels(picture: np.ndarray, nodata: float | None) -> frozenset[Label] | None:
    """Return the different values, or colours, of a picture, if they are as few as a label map's; holes are none."""
    if picture.dtype.kind not in "iu" or picture.shape[2] not in (1, 3):
        return None
    if picture.shape[2] == 3 and picture.dtype != np.uint8:
        return None
    pixels = picture.reshape(-1, picture.shape[2])
    limit = min(MOST_CLASSES, len(pixels) // PIXELS_A_CLASS)
    codes: set[int] = set()
    # A photo shows in a few of its pixels that it is none; they come first.
    blocks = [pixels[:: max(1, len(pixels) // 1024)]]
    blocks += [pixels[first : first + AT_ONCE] for first in range(0, len(pixels), AT_ONCE)]
    for block in blocks:
        factors = [1] if pixels.shape[1] == 1 else [1 << 16, 1 << 8, 1]
        codes.update(np.unique(block.astype(np.int64) @ factors).tolist())
        if len(codes) > limit:
            return None
    if pixels.shape[1] == 1:
        return frozenset(codes - {nodata})
    return frozenset((code >> 16, code >> 8 & 255, code & 255) for code in codes)


def _summed(side: str, looks: Sequence[_Look]) -> Statistics:
    counts = np.stack([look.count for look in looks])
    means = np.stack([look.mean for look in looks])
    total = counts.sum(axis=0)
    some = np.maximum(total, 1)
    mean = (counts * means).sum(axis=0) / some
    squares = sum(look.squares for look in looks) + (counts * (means - mean) ** 2).sum(axis=0)
    values = np.concatenate([look.values for look in looks]).astype(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    none = np.isnan(values).all(axis=0)
    low, high = np.nanpercentile(np.where(none, 0, values), PERCENTILES, axis=0)
    figures = np.stack(
        [
            np.min([look.least for look in looks], axis=0),
            np.max([look.most for look in looks], axis=0),
            mean,
            np.sqrt(np.maximum(squares, 0) / some),
            low,
            high,
        ]
    )
    figures[:, total == 0] = np.nan
    return Statistics(
        side=side,
        dtype=looks[0].dtype,
        pictures=len(looks),
        channels=tuple(Channel(*row) for row in figures.T.tolist()),
        labels=_common_labels(looks),
        colourless=all(look.colourless for look in looks),
        not_finite=sum(look.not_finite for look in looks),
        nodata=next((look.nodata for look in looks if look.nodata is not None), None),
        holes=sum(look.holes for look in looks),
    )


def _common_labels(looks: Sequence[_Look]) -> tuple[Label, ...] | None:
    found: set[Label] = set()
    for look in looks:
        if look.labels is None:
            return None
        found |= look.labels
        if len(found) > MOST_CLASSES:
            return None
    return tuple(sorted(found)) if len(found) > 1 else None
