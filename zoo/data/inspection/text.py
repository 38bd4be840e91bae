"""What an inspection found, in words and tables for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from zoo.data.inspection.duplicates import Duplicates
from zoo.data.inspection.findings import Inspection, Pictures, Size
from zoo.data.inspection.statistics import Label, Statistics
from zoo.data.inspection.stored import channels_in_words, values_in_words

# Files that are named; the others are counted.
NAMED = 5
COLOURS = ("red", "green", "blue")
# Channels of a picture that are told one by one.
MOST_CHANNELS = 16
Table = list[Sequence[str]]


def lines_of(found: Inspection) -> Iterator[str | Table]:
    """Yield lines and tables, in the order in which they are read."""
    yield f"{found.path}: {_layout(found)}"
    if found.layout.guess:
        yield f"  a guess: {found.layout.guess}"
    if found.layout.kind != "one picture":
        yield ""
        yield _parts(found)
    if found.pictures:
        yield ""
        yield [
            ("pictures", "files", "width x height", "kind", "mode", "values"),
            *(_row(pictures) for pictures in found.pictures),
        ]
    if found.statistics:
        yield ""
        yield _decoded(found)
        yield _statistics(found)
    if labels := [line for item in found.statistics for line in _labels(item)]:
        yield ""
        yield from labels
    if problems := list(_problems(found)):
        yield ""
        yield from problems
    if found.notes:
        yield ""
        yield from found.notes
    if found.proposal:
        yield ""
        yield "The dataset section of a recipe for them:"
        yield ""
        yield found.proposal.to_yaml().rstrip()


def _layout(found: Inspection) -> str:
    layout = found.layout
    a, b = layout.sides or ("", "")
    words = {
        "side by side": "pairs side by side in one file, A left and B right",
        "two folders": f"two folders, {a} and {b}, whose pictures are pairs by their names",
        "two piles": f"two piles of pictures, {a} and {b}, that are no pairs",
        "one pile": "pictures of one kind, each by itself",
        "manifest": "a manifest of pairs"
        if layout.paired
        else "a manifest of two piles of pictures",
        "one picture": "one picture",
    }[layout.kind]
    return f"{words}, in nested folders" if layout.nested else words


def _parts(found: Inspection) -> Table:
    columns = list(dict.fromkeys(what for part in found.parts for what in part.counts))
    rows: Table = [("part", *columns, "use")]
    for part in found.parts:
        counts = [f"{part.counts.get(what, 0):,}" for what in columns]
        rows.append((part.name or "(no part)", *counts, part.use))
    return rows


def _row(pictures: Pictures) -> Sequence[str]:
    return (
        pictures.side,
        f"{pictures.count:,}",
        _sizes(pictures),
        _listed(pictures.kinds),
        _listed(pictures.modes),
        _listed(pictures.values),
    )


def _sizes(pictures: Pictures) -> str:
    if len(pictures.sizes) == 1:
        return _size(pictures.least)
    first = pictures.sizes[0]
    if first.count == 1:
        return f"{_size(pictures.least)} to {_size(pictures.largest)}"
    return f"{_size(pictures.least)} to {_size(pictures.largest)}, mostly {_size(first)} ({first.count:,})"


def _size(size: Size) -> str:
    return f"{size.width} x {size.height}"


def _listed(counts: Mapping[str, int]) -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{what} ({count:,})" for what, count in counts.items())


def _decoded(found: Inspection) -> str:
    if found.decoded >= found.total:
        return "values, of all pictures:" if found.total > 1 else "values:"
    return f"values, of {found.decoded:,} of the {found.total:,} pictures, spread evenly:"


def _statistics(found: Inspection) -> Table:
    rows: Table = [("", "channel", "least", "most", "mean", "deviation", "0.5 %", "99.5 %")]
    for item in found.statistics:
        name = (
            f"{item.side}, {channels_in_words(len(item.channels))}, {values_in_words(item.dtype)}"
        )
        for number, channel in enumerate(item.channels[:MOST_CHANNELS]):
            figures = vars(channel).values()
            rows.append((name, _channel(item, number), *map(_figure, figures)))
            name = ""
        if len(item.channels) > MOST_CHANNELS:
            rows.append(("", f"and {len(item.channels) - MOST_CHANNELS} more", *[""] * 6))
    return rows


def _channel(item: Statistics, number: int) -> str:
    names = {1: ("grey",), 3: COLOURS}.get(len(item.channels))
    return names[number] if names else str(number + 1)


def _figure(value: float) -> str:
    return f"{value:,.5g}" if math.isfinite(value) else "–"


def _labels(item: Statistics) -> Iterator[str]:
    if item.labels is not None:
        what = "values" if isinstance(item.labels[0], int) else "colours"
        yield (
            f"{item.side}: likely label maps, of {len(item.labels)} different {what}: {_few(item.labels)}"
        )


def _few(labels: Sequence[Label]) -> str:
    shown = [str(list(item) if isinstance(item, tuple) else item) for item in labels[:12]]
    return ", ".join([*shown, "…"] if len(labels) > 12 else shown)


def _problems(found: Inspection) -> Iterator[str]:
    yield from _named(found, found.alone, "without a partner")
    yield from _named(found, found.unreadable, "that cannot be read")
    yield from _named(found, found.misfits, "that do not fit")
    for duplicates in found.duplicates:
        yield from _duplicates(found, duplicates)
    if found.same_but_for_case:
        count = len(found.same_but_for_case)
        yield f"{_counted(count, 'group')} of files whose names differ only in capitals:"
        yield from _groups(found, found.same_but_for_case)


def _named(found: Inspection, reasons: Mapping[Path, str], what: str) -> Iterator[str]:
    if not reasons:
        return
    yield f"{_counted(len(reasons), 'file')} {what}:"
    for path in sorted(reasons)[:NAMED]:
        reason = reasons[path].replace(f"{found.root}/", "")
        yield f"  {found.name(path)}: {reason}"
    if len(reasons) > NAMED:
        yield f"  and {len(reasons) - NAMED:,} more"


def _duplicates(found: Inspection, duplicates: Duplicates) -> Iterator[str]:
    same = "same bytes" if duplicates.by == "bytes" else "same pixels in different files"
    for groups, where in (
        (duplicates.between_parts, "in more than one part, so that what is held out is trained on"),
        (duplicates.between_sides, "on both sides"),
        (duplicates.within, "on one side of one part"),
    ):
        if groups:
            yield f"{_counted(len(groups), 'picture')} more than once ({same}) {where}:"
            yield from _groups(found, groups)


def _groups(found: Inspection, groups: Sequence[Sequence[Path]]) -> Iterator[str]:
    for group in groups[:NAMED]:
        names = [found.name(path) for path in group]
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        yield f"  {' = '.join(names[:NAMED])}{more}"
    if len(groups) > NAMED:
        yield f"  and {len(groups) - NAMED:,} more"


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
