"""Several runs on one page: figures with intervals of their differences, pictures side by side, curves, recipes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from zoo.errors import ZooError
from zoo.recipe.differences import differences
from zoo.recipe.document import Document
from zoo.report import facts
from zoo.report.curves import UNITS, grouped, is_wide, label_of, number_of, sentence_case
from zoo.report.data_uri import of_file
from zoo.report.evaluation import Figure, figures, interval, with_unit
from zoo.report.paired import PairedDifference, PerPicture, paired_difference, read_pictures
from zoo.report.recipe_text import value_text
from zoo.report.rendering import render
from zoo.report.translations import side_by_side
from zoo.runs import files
from zoo.runs.formatting import number
from zoo.runs.history import FIXED, read_history
from zoo.runs.run import Run

PER_PICTURE = "evaluation/pictures.csv"


@dataclass(frozen=True)
class Compared:
    """What is compared of a run.

    Args:
        run: the run.
        name: that tells it from the others.
        letter: a short one, by its place.
    """

    run: Run
    name: str
    letter: str

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """Of its history."""
        file = self.run.path / files.HISTORY
        return read_history(file) if file.is_file() else []

    @cached_property
    def measured(self) -> dict[str, Any]:
        """What its evaluation says; empty if there is none."""
        file = self.run.path / files.FIGURES
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """By metric: those of its evaluation, or else those of the end of its training."""
        if self.measured:
            return {item.name: item for item in figures(self.measured)}
        metrics, pictures = self.run.metrics, self.run.metrics.get("test_examples") or 0
        return {
            name: Figure(
                name,
                label_of(name),
                with_unit(value, UNITS.get(name, "")),
                "",
                {},
                "",
                pictures,
                "",
            )
            for name, value in metrics.items()
            if name not in facts.BOOKKEEPING
            and isinstance(value, int | float)
            and not isinstance(value, bool)
        }

    @cached_property
    def per_picture(self) -> PerPicture:
        """Figures by metric and picture."""
        return read_pictures(self.run.path / PER_PICTURE)

    @property
    def about(self) -> str:
        """How long it was trained, in a few words."""
        status = facts.STATUS.get(str(self.run.metrics.get("status", "unfinished")), "")
        epochs = self.rows[-1]["epoch"] if self.rows else None
        return f"{status}, {epochs} epochs" if epochs else status


@dataclass(frozen=True)
class Difference:
    """How a run's figure differs from the first one's.

    Args:
        text: the mean difference over common pictures; a dash if there is none.
        interval: of the mean.
        verdict: in words; empty if there is none.
    """

    text: str = "–"
    interval: str = ""
    verdict: str = ""


def write_comparison(runs: Sequence[Run], out: Path, *, pictures: int = 8) -> list[str]:
    """Write a page that compares runs; all that it shows is in it.

    Args:
        runs: two or more; the others are compared with the first.
        out: the HTML file.
        pictures: how many held-out pictures that the first run keeps are translated by each, at most; 0 loads no
            network.

    Returns:
        Sentences on what could not be compared.

    Raises:
        ZooError: if there are fewer than two runs, they have nothing in common, or the file cannot be written.
    """
    if len({run.path.resolve() for run in runs}) < 2:
        raise ZooError(
            "there is nothing to compare with: name two runs or more; 'zoo runs' lists them"
        )
    compared = _named(runs)
    curves, epochs = _curves(compared)
    table = list(_table(compared))
    shared = list(_shared_examples(compared))
    sheet, notes = side_by_side(runs, pictures) if pictures else ([], [])
    if not (curves or shared or any(row.common for row in table) or _painted_by_two(sheet)):
        names = " and ".join(item.name for item in compared)
        raise ZooError(
            f"{names} have nothing in common: no figure, no curve and no picture that two of them translate"
        )
    notes = [*_different_data(compared), *notes]
    page = render(
        "compare.html.j2",
        ("compare.js",),
        runs=compared,
        notes=notes,
        table=table,
        curves=curves,
        sheets=[
            ("Examples of the evaluations", "the same picture in each", shared),
            (
                f"Pictures that {compared[0].name} keeps",
                "held out from it, translated by each run just now",
                sheet,
            ),
        ],
        changes=list(_changes(compared)),
        data={"epochs": epochs, "curves": curves},
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(out, page)
    except OSError as error:
        raise ZooError(f"cannot write {out}: {error.strerror}") from error
    return notes


def _named(runs: Sequence[Run]) -> list[Compared]:
    names = [run.path.resolve().name for run in runs]
    return [
        Compared(
            run,
            name if names.count(name) == 1 else f"{run.path.resolve().parent.name}/{name}",
            ascii_uppercase[index] if index < len(ascii_uppercase) else str(index + 1),
        )
        for index, (run, name) in enumerate(zip(runs, names, strict=True))
    ]


def _curves(compared: Sequence[Compared]) -> tuple[list[dict[str, Any]], list[int]]:
    """Return a chart for each column that at least two histories have, and the epochs of all."""
    columns = [set(item.rows[0]) if item.rows else set() for item in compared]
    names = [
        name
        for name in dict.fromkeys(name for item in compared for name in (item.rows or [{}])[0])
        if sum(name in there for there in columns) > 1
    ]
    players = dict.fromkeys(
        player for item in compared for player in item.run.recipe.get("optimizers") or ()
    )
    by_epoch = [{int(row["epoch"]): row for row in item.rows} for item in compared]
    epochs = sorted({epoch for rows in by_epoch for epoch in rows})
    found = []
    for title, group in grouped([name for name in names if name not in FIXED], players).items():
        for name in group:
            series = [
                {
                    "name": name,
                    "label": f"{item.letter} {item.name}",
                    "colour": index,
                    "values": [number_of(rows.get(epoch, {}).get(name)) for epoch in epochs],
                }
                for index, (item, rows) in enumerate(zip(compared, by_epoch, strict=True))
                if rows and name in next(iter(rows.values()))
            ]
            values = [value for item in series for value in item["values"]]
            words = (
                title
                if len(group) == 1 and name.startswith("val_")
                else sentence_case(label_of(name))
            )
            found.append({"title": words, "log": is_wide(values), "series": series})
    return found, epochs


@dataclass(frozen=True)
class Row:
    """A figure of all runs.

    Args:
        label: as people call it.
        better: `higher` or `lower`, or empty.
        figures: one for each run, None where it has none.
        differences: of each run but the first.
    """

    label: str
    better: str
    figures: list[Figure | None]
    differences: list[Difference]

    @property
    def common(self) -> bool:
        """Whether two runs have it."""
        return sum(item is not None for item in self.figures) > 1


def _table(compared: Sequence[Compared]) -> Iterator[Row]:
    first, *others = compared
    for name in dict.fromkeys(name for item in compared for name in item.figures):
        found = [item.figures.get(name) for item in compared]
        told = next(item for item in found if item)
        unit = (first.measured.get("figures", {}).get(name) or {}).get("unit") or ""
        yield Row(
            told.label,
            told.better,
            found,
            [
                _difference(
                    paired_difference(
                        first.per_picture.get(name, {}), item.per_picture.get(name, {})
                    ),
                    told.better,
                    unit,
                )
                for item in others
            ],
        )


def _difference(found: PairedDifference | None, better: str, unit: str) -> Difference:
    if found is None:
        return Difference()
    verdict = "no clear difference"
    if found.is_clear:
        is_better = (found.mean > 0) == (better == "higher")
        verdict = ("better" if is_better else "worse") if better else "differs"
    sign = "+" if found.mean > 0 else ""
    return Difference(
        f"{sign}{with_unit(found.mean, unit)}",
        f"{interval(found.low, found.high)}, {number(found.pictures)} pictures",
        verdict,
    )


def _shared_examples(compared: Sequence[Compared]) -> Iterator[dict[str, Any]]:
    """Yield the examples that the evaluations of all runs show, by name."""
    by_name = [
        {item["name"]: item for item in one.measured.get("examples", ())} for one in compared
    ]
    folder = compared[0].run.path / files.EVALUATION
    for name, example in by_name[0].items():
        others = [items.get(name) for items in by_name]
        if not all(others):
            continue
        yield {
            "name": name,
            "source": of_file(folder / example["source"]),
            "target": of_file(folder / example["target"]) if example.get("target") else None,
            "translated": [
                of_file(one.run.path / files.EVALUATION / item["translated"])
                for one, item in zip(compared, others, strict=True)
                if item
            ],
        }


def _painted_by_two(sheet: Sequence[Mapping[str, Any]]) -> bool:
    return any(sum(one is not None for one in item["translated"]) > 1 for item in sheet)


def _different_data(compared: Sequence[Compared]) -> Iterator[str]:
    first, *others = compared
    for item in others:
        data = [one.measured.get("data") or one.run.metrics.get("dataset") for one in (first, item)]
        if all(data) and data[0] != data[1]:
            yield (
                f"{item.name} was measured on other data than {first.name}: {data[1]}, and not {data[0]}; "
                "pictures are taken for the same if their names are"
            )


def _changes(compared: Sequence[Compared]) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys at which the recipes differ, with each run's value."""
    recipes = [item.run.recipe for item in compared]
    keys = dict.fromkeys(
        key for other in recipes[1:] for key, _, _ in differences(recipes[0], other)
    )
    for key in keys:
        parts = tuple(int(word) if word.isdigit() else word for word in key.split("."))
        yield key, [value_text(Document(recipe).get(parts)) for recipe in recipes]
