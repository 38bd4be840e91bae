"""How the pictures of one side are stored, as a recipe says it: channels, range of values, classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoo.data.inspection.ranges import range_of
from zoo.data.inspection.statistics import Label, Statistics
from zoo.pictures import Header
from zoo.pictures.labels import UNLABELLED

# Values of a label map may leave out at most so many of the classes below the highest.
LISTED_FROM = 2
MOST_CLASSES = 254


@dataclass(frozen=True)
class StoredAs:
    """What a recipe is to say of one side.

    Args:
        settings: the keys and values of `source_format` or `target_format`; empty for colours of 8 bits.
        reason: why, in a few words.
        strangers: files of other channels or another type, which cannot be used with the rest, by what they are.
        losses: what the settings lose of the pictures, a sentence each.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    strangers: dict[str, int] = field(default_factory=dict)
    losses: tuple[str, ...] = ()


def stored_as(headers: Sequence[Header], statistics: Sequence[Statistics]) -> StoredAs:
    """Propose what a recipe is to say of the pictures of one side.

    Args:
        headers: of all its pictures, at least one.
        statistics: of those that were decoded.
    """
    types = Counter(header.dtype for header in headers)
    dtype = types.most_common(1)[0][0]
    strangers = {values_in_words(other): types[other] for other in types if other != dtype}
    same = [header for header in headers if header.dtype == dtype]
    values = [item for item in statistics if item.dtype == dtype]
    classes = _classes(values)
    if classes is not None:
        count = classes if isinstance(classes, int) else len(classes)
        return StoredAs({"classes": classes}, f"likely label maps of {count} classes", strangers)
    settings = _channels(same)
    wanted = settings.get("channels")
    if isinstance(wanted, int):
        values = [item for item in values if len(item.channels) == wanted]
        others = Counter(header.channels for header in same if header.channels != wanted)
    else:
        others = Counter(header.channels for header in same if not _turned(header))
    strangers |= {channels_in_words(channels): others[channels] for channels in others}
    reason, losses = "", []
    if dtype != "uint8":
        proposed = range_of(
            dtype, values, all_seen=sum(item.pictures for item in values) >= len(same)
        )
        settings, reason = settings | proposed.settings, proposed.reason
        losses += [proposed.loss] if proposed.loss else []
    if wanted in (None, "grey") and (transparent := [item for item in same if item.transparent]):
        losses.append(_alpha(transparent, same))
    nodata = Counter(header.nodata for header in same if header.nodata is not None)
    if nodata:
        value = nodata.most_common(1)[0][0]
        settings["nodata"] = int(value) if value.is_integer() and abs(value) < 2**63 else value
    return StoredAs(settings, reason, strangers, tuple(losses))


def mode_of(header: Header) -> str:
    """Say what the channels of a picture are."""
    if header.pages > 1:
        each = header.channels // header.pages
        return f"{header.pages} pages" + (f" of {channels_in_words(each)}" if each > 1 else "")
    if header.indexed:
        return "palette"
    if header.transparent:
        return {2: "grey with alpha", 4: "RGB with alpha"}.get(header.channels, "alpha")
    return channels_in_words(header.channels)


def channels_in_words(channels: int) -> str:
    """Say what a number of channels means."""
    return {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")


def values_in_words(dtype: str) -> str:
    """Say of how many bits values are."""
    kind = np.dtype(dtype)
    words = {"u": "", "i": " signed", "f": " float"}[kind.kind]
    return f"{8 * kind.itemsize} bits{words}"


def _channels(headers: Sequence[Header]) -> dict[str, Any]:
    """Return the channels that most of the pictures have, or can be turned to."""
    kinds = Counter(None if _turned(header) else header.channels for header in headers)
    most = kinds.most_common(1)[0][0]
    if most is not None:
        return {"channels": most}
    grey = all(header.channels < 3 for header in headers if _turned(header))
    return {"channels": "grey"} if grey else {}


def _turned(header: Header) -> bool:
    """Return whether a picture can be turned to RGB and to grey."""
    # Alpha is laid on white; a fourth channel that is no alpha is as good as the others.
    return header.pages == 1 and (header.channels in (1, 3) or header.transparent)


def _alpha(transparent: Sequence[Header], headers: Sequence[Header]) -> str:
    """Say what becomes of pictures with alpha, of which a side has some or nothing else."""
    count = f"{len(transparent):,} pictures have" if len(transparent) > 1 else "1 picture has"
    said = f"{count} an alpha channel, which is laid on white and lost"
    channels = {header.channels for header in headers}
    if len(transparent) == len(headers) and len(channels) == 1:
        return f"{said}; channels: {channels.pop()} keeps it as a channel of its own"
    return said


def _classes(statistics: Sequence[Statistics]) -> int | list[Any] | None:
    """Return the classes of label maps: how many, or their values or colours."""
    found: set[Label] = set()
    for item in statistics:
        if item.labels is None:
            return None
        found |= set(item.labels)
    if len({isinstance(label, int) for label in found}) != 1 or len(found) < 2:
        return None
    whole = sorted(label for label in found if isinstance(label, int))
    if not whole:
        return [
            list(colour)
            for colour in sorted(label for label in found if not isinstance(label, int))
        ]
    named = [value for value in whole if value != UNLABELLED]
    if whole[0] < 0:
        return None
    # Classes that are rare may not be in the sample; those of a list would be an error.
    if len(named) >= 2 and named[-1] < LISTED_FROM * len(named) and named[-1] < MOST_CLASSES:
        return named[-1] + 1
    return whole
