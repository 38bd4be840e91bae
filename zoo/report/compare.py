"""Several runs on one page: figures with intervals of their differences, pictures side by side, curves, recipes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.recipe.differences import differences
from zoo.recipe.document import Document
from zoo.report.compared import Compared, named
from zoo.report.compared_figures import figure_rows
from zoo.report.curves import grouped, is_wide, number_of, sentence_case
from zoo.report.data_uri import of_file
from zoo.report.recipe_text import value_text
from zoo.report.rendering import render
from zoo.report.translations import side_by_side
from zoo.runs import files
from zoo.runs.figure_names import label_of
from zoo.runs.history import FIXED
from zoo.runs.run import Run


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
    compared = named(runs)
    curves, epochs = _curves(compared)
    table = list(figure_rows(compared))
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
            values = [
                [number_of(rows.get(epoch, {}).get(name)) for epoch in epochs] for rows in by_epoch
            ]
            series = [
                {
                    "name": name,
                    "label": f"{item.letter} {item.name}",
                    "colour": index,
                    "values": numbers,
                }
                for index, (item, numbers) in enumerate(zip(compared, values, strict=True))
                if item.rows and name in item.rows[0]
            ]
            alone = len(group) == 1 and name.startswith("val_")
            words = title if alone else sentence_case(label_of(name))
            wide = is_wide(itertools.chain.from_iterable(values))
            found.append({"title": words, "log": wide, "series": series})
    return found, epochs


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
