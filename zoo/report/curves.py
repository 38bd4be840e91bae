"""The columns of histories as the charts of a page."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zoo.runs.figure_names import UNITS, label_of
from zoo.runs.history import FIXED

# A chart whose values are all positive and span more than this factor begins with a logarithmic axis.
WIDE_RANGE = 30.0
RATE = "learning_rate"
# What a discriminator answers, beside its losses.
ANSWERS = {"accuracy", "logit", "logits"}


def charts(rows: Sequence[Mapping[str, str]], players: Iterable[str]) -> list[dict[str, Any]]:
    """Return what a run's history shows, chart by chart.

    First the held-out figures, one each; then the losses of each player, what discriminators answered, learning rates,
    and all others.

    Args:
        rows: of the history.
        players: of the model, such as `generator`.

    Returns:
        Charts with `title`, `log` and `series`, each with `name`, `label` and `values`, null where there is none.
    """
    names = [name for name in (rows[0] if rows else {}) if name not in FIXED]
    found = []
    for title, columns in grouped(names, players).items():
        values = [[number_of(row.get(name)) for row in rows] for name in columns]
        series = [
            {"name": name, "label": label, "values": numbers}
            for name, label, numbers in zip(columns, _short(columns), values, strict=True)
        ]
        wide = is_wide(itertools.chain.from_iterable(values))
        found.append({"title": title, "log": wide, "series": series})
    return found


def grouped(names: Iterable[str], players: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns of a history by the titles of their charts, in the order in which they are shown.

    Args:
        names: columns, as `val_psnr` and `generator_l1`.
        players: whose losses begin with their names.
    """
    known = sorted(players, key=len, reverse=True)
    held_out: dict[str, list[str]] = {}
    losses: dict[str, list[str]] = {f"{sentence_case(player)}: losses": [] for player in players}
    answers: dict[str, list[str]] = {}
    rates: list[str] = []
    others: list[str] = []
    for name in names:
        player = next((one for one in known if name == one or name.startswith(f"{one}_")), None)
        words = set(re.split(r"[_\-]", name.lower()))
        if name.startswith("val_"):
            figure = name.removeprefix("val_")
            unit = f" ({UNITS[figure]})" if figure in UNITS else ""
            held_out[f"{label_of(figure)} on held-out pictures{unit}"] = [name]
        elif RATE in name:
            rates.append(name)
        elif words & ANSWERS:
            which = "accuracy" if "accuracy" in words else "logits"
            answers.setdefault(f"Discriminator: {which}", []).append(name)
        elif player is not None:
            losses[f"{sentence_case(player)}: losses"].append(name)
        else:
            others.append(name)
    found = {**held_out, **losses, **answers, "Learning rates": rates, "Others": others}
    return {title: columns for title, columns in found.items() if columns}


def number_of(cell: str | None) -> float | None:
    """Return the number in a cell of a history; None if there is none that can be drawn."""
    value = float(cell) if cell else math.nan
    return value if math.isfinite(value) else None


def is_wide(values: Iterable[float | None]) -> bool:
    """Return whether values are all positive and so far apart that a logarithmic axis shows more."""
    there = [value for value in values if value is not None]
    return bool(there) and min(there) > 0 and max(there) / min(there) > WIDE_RANGE


def _short(names: Sequence[str]) -> list[str]:
    """Return names without the words that all of them begin with."""
    words = [name.removeprefix("val_").split("_") for name in names]
    shared = 0
    while len(words) > 1 and all(
        len(item) > shared + 1 and item[shared] == words[0][shared] for item in words
    ):
        shared += 1
    return [label_of("_".join(item[shared:])) for item in words]


def sentence_case(name: str) -> str:
    """Return a name in words, the first with a capital."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
