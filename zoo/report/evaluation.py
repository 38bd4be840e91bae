"""What `RUN/evaluation` says of held-out pictures, as a page shows it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.report.data_uri import of_file
from zoo.runs.figure_names import label_of
from zoo.runs.formatting import number

RANKS = {"best": "Best", "median": "Median", "worst": "Worst", "other": "Others"}
BASELINES = {
    "mean_colour": "mean colour",
    "source": "source unchanged",
    "target": "real targets",
}
SIDES = ("source", "translated", "target", "difference")


@dataclass(frozen=True)
class Figure:
    """A row of the table of figures.

    Args:
        name: of the metric.
        label: as people call it.
        value: with its unit.
        interval: as text; empty if there is none.
        baselines: what others than the network reach, by the baseline's name, each with its unit.
        better: `higher` or `lower`.
        pictures: how many it was measured on.
        note: a sentence to stand beside it; may be empty.
    """

    name: str
    label: str
    value: str
    interval: str
    baselines: Mapping[str, str]
    better: str
    pictures: int
    note: str


def figures(measured: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the figures of `figures.json`, the primary first."""
    primary = measured.get("primary")
    items = measured.get("figures", {}).items()
    for name, item in sorted(items, key=lambda pair: pair[0] != primary):
        unit = item.get("unit") or ""
        yield Figure(
            name,
            item.get("label") or label_of(name),
            with_unit(item["value"], unit),
            interval(item.get("low"), item.get("high")),
            {
                key: with_unit(value, unit)
                for key, value in (item.get("baselines") or {}).items()
                if value is not None
            },
            item.get("better") or "",
            item.get("pictures") or 0,
            item.get("note") or "",
        )


def with_unit(value: float | None, unit: str = "") -> str:
    """Return a figure as people read it."""
    if value is None:
        return "–"
    return f"{number(value)}\N{NO-BREAK SPACE}{unit}" if unit else number(value)


def interval(low: float | None, high: float | None) -> str:
    """Return an interval as people read it; empty if there is none."""
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def examples(measured: Mapping[str, Any], folder: Path) -> dict[str, Any] | None:
    """Return the examples of `figures.json` with their pictures, best first; None if there are none.

    Args:
        measured: the content of `figures.json`.
        folder: the evaluation, in which the pictures lie.

    Returns:
        `pictures`, data URIs; `items`, with `name`, `rank`, `figures` and the `primary` one as text, and for each side
        the number of its picture, null where there is none.
    """
    shown: list[str] = []

    def add(path: str | None) -> int | None:
        if not path or not (folder / path).is_file():
            return None
        shown.append(of_file(folder / path))
        return len(shown) - 1

    labels, primary = measured.get("figures", {}), measured.get("primary")
    unit = labels.get(primary, {}).get("unit") or ""
    ranks = list(RANKS)
    found = sorted(
        measured.get("examples", ()),
        key=lambda item: ranks.index(item["rank"]) if item["rank"] in ranks else len(ranks),
    )
    items = [
        {
            "name": item["name"],
            "rank": RANKS.get(item["rank"], item["rank"]),
            "figures": [
                f"{labels.get(name, {}).get('label') or label_of(name)} "
                f"{with_unit(value, labels.get(name, {}).get('unit') or '')}"
                for name, value in item.get("figures", {}).items()
            ],
            "primary": with_unit(item.get("figures", {}).get(primary), unit) if primary else "",
            **{side: add(item.get(side)) for side in SIDES},
        }
        for item in found
    ]
    items = [item for item in items if item["translated"] is not None]
    return {"items": items, "pictures": shown} if items else None


@dataclass(frozen=True)
class HeatMap:
    """Error by position.

    Args:
        columns: cells in a row.
        cells: row by row: the share of the way from the least error to the largest, and the text of the cell.
        low: the least error.
        high: the largest.
        summary: what the map shows, in words.
    """

    columns: int
    cells: list[tuple[float, str]]
    low: str
    high: str
    summary: str


def heat_map(measured: Mapping[str, Any]) -> HeatMap | None:
    """Return the error by position; None if it was not measured."""
    found = measured.get("error_by_position")
    values = [value for row in (found or {}).get("values", ()) for value in row]
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not found or not known:
        return None
    low, high = min(known), max(known)
    columns = found["columns"]

    def place(value: float) -> str:
        row, column = divmod(values.index(value), columns)
        return f"row {row + 1}, column {column + 1}"

    return HeatMap(
        columns,
        [
            (
                (value - low) / (high - low) if value in known and high > low else 0.0,
                f"row {index // columns + 1}, column {index % columns + 1}: {with_unit(value)}",
            )
            for index, value in enumerate(values)
        ],
        number(low),
        number(high),
        f"Least error {number(low)} in {place(low)}, largest {number(high)} in {place(high)}, "
        f"of {found['rows']} rows and {columns} columns",
    )


def brightness(measured: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the error by the target's brightness as plain data, a bar for each bin; None if it was not measured."""
    found = measured.get("error_by_brightness")
    if not found or not any(value is not None for value in found["values"]):
        return None
    return {key: found[key] for key in ("edges", "values", "pictures") if key in found}
