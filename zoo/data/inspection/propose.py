"""From what was found to the dataset section that fits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.data.inspection.places import BOTH, Placed
from zoo.data.inspection.proposal import Proposal, propose_size
from zoo.data.inspection.statistics import Statistics
from zoo.data.inspection.stored import StoredAs, stored_as


def stored_sides(
    placed: Placed, by_side: Mapping[str, Sequence[Path]], statistics: Sequence[Statistics]
) -> list[tuple[str, StoredAs]]:
    """Return how the sources and the targets are stored; for one pile, or one picture, the pictures."""
    keys = ("source_format", "target_format")
    if placed.layout.kind == "one pile":
        keys = keys[::-1]  # Sources are made from the pictures.
    if BOTH in by_side:
        # Both halves of a file are read alike, so that neither can be label maps alone.
        headers = placed.survey.of(by_side[BOTH])
        same = stored_as(headers, statistics) if headers else StoredAs()
        return [(key, same) for key in keys]
    found = []
    for key, (side, files) in zip(keys, by_side.items(), strict=False):
        if headers := placed.survey.of(files):
            found.append(
                (key, stored_as(headers, [item for item in statistics if item.side == side]))
            )
    return found


def stored_notes(
    stored: Sequence[tuple[str, StoredAs]], statistics: Sequence[Statistics]
) -> Iterable[str]:
    """Yield what is to be said of how pictures are stored, a sentence each."""
    for key, item in stored:
        if item.strangers:
            others = ", ".join(f"{count} of {what}" for what, count in item.strangers.items())
            yield f"not all pictures of {key} are alike; these cannot be used with the rest: {others}"
        yield from (f"{key}: {loss}" for loss in item.losses)
    for summary in statistics:
        if summary.colourless:
            yield f"{summary.side}: the three colours are equal at every pixel; channels: grey would do"
        if summary.not_finite:
            yield f"{summary.side}: {summary.not_finite:,} values are infinite or no number"
        if summary.nodata is not None:
            yield (
                f"{summary.side}: {summary.holes:,} values are {summary.nodata:g}, which the files' tag (42113) names "
                "as nodata; they are holes, and no part of the statistics"
            )


def propose(
    placed: Placed, path: str, stored: Sequence[tuple[str, StoredAs]], problems: bool
) -> Proposal | None:
    """Propose the dataset section that opens what was found.

    Args:
        placed: how the pictures lie.
        path: as it was given.
        stored: the recipe's key of each side, and how its pictures are stored.
        problems: whether some pictures cannot be used.

    Returns:
        The section, of the dataset `folder`, or of `derived` for pictures of one kind; None for one pile of label maps,
        from which no source can be made.
    """
    alone = placed.layout.kind == "one pile"
    if alone and any("classes" in item.settings for _, item in stored):
        return None
    dataset: dict[str, Any] = {"name": "derived" if alone else "folder", "path": path}
    comments = {}
    if placed.layout.kind != "manifest" and placed.root != Path(path).expanduser():
        dataset["path"] = str(placed.root)
    if alone:
        dataset["function"] = "edges"
        comments["function"] = "or another that makes the sources: 'zoo show derived' lists them"
    dataset |= placed.arguments
    if placed.layout.guess and placed.layout.kind == "two piles":
        comments["paired"] = placed.layout.guess
    halves = 2 if placed.layout.kind == "side by side" else 1
    headers = placed.survey.of(file for _, _, file in placed.files())
    size = propose_size([(header.height, max(1, header.width // halves)) for header in headers])
    dataset["size"] = size.size
    if size.preprocess:
        dataset["preprocess"] = size.preprocess
    if size.reason:
        comments["preprocess" if size.preprocess else "size"] = size.reason
    for key, item in stored:
        if item.settings:
            dataset[key] = item.settings
            if key == "target_format" and "nodata" in item.settings and placed.layout.paired:
                dataset[key] = {**item.settings, "masked": True}
            if item.reason:
                comments[key] = item.reason
    if problems:
        dataset["on_error"] = "skip"
        comments["on_error"] = "leaves out what cannot be used"
    return Proposal(dataset, comments)
