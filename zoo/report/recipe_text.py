"""A run's recipe as a page shows it: what differs from the recipe that it came from stands out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.recipe.differences import differences
from zoo.recipe.document import Document, read_document
from zoo.runs import files


@dataclass(frozen=True)
class Change:
    """A key whose value is another than the parent's.

    Args:
        key: dotted.
        before: the parent's value as text.
        after: the run's.
    """

    key: str
    before: str
    after: str


@dataclass(frozen=True)
class RecipeText:
    """A recipe and what differs in it.

    Args:
        data: as plain data.
        lines: of the YAML text, each with whether it says what differs.
        parent: the recipe that it came from; empty if that is not known.
        changes: what differs from it.
    """

    data: Mapping[str, Any]
    lines: Sequence[tuple[str, bool]]
    parent: str = ""
    changes: Sequence[Change] = ()


def recipe_text(run: Path) -> RecipeText:
    """Read a run's recipe, and beside it the one that it came from, if the run says which that was."""
    path = run / files.RECIPE
    if not path.is_file():
        return RecipeText({}, ())
    document = read_document(path)
    lines = path.read_text(encoding="utf-8").rstrip().splitlines()
    origin = run / files.PARENT
    if not origin.is_file():
        return RecipeText(document.data, [(line, False) for line in lines])
    parent = json.loads(origin.read_text(encoding="utf-8"))
    found = differences(parent["recipe"], document.data)
    changed = {number for key, _, _ in found for number in _line_numbers(document, key)}
    return RecipeText(
        document.data,
        [(line, number in changed) for number, line in enumerate(lines, start=1)],
        parent["name"],
        [Change(key, value_text(before), value_text(after)) for key, before, after in found],
    )


def value_text(value: Any) -> str:
    """Return a recipe's value in one line; a dash if it is missing."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) or "{}"
    if isinstance(value, list):
        return ", ".join(map(value_text, value)) or "none"
    return json.dumps(value)


def _line_numbers(document: Document, name: str) -> Iterator[int]:
    """Yield the lines of a key and of all that is in it; none of what is missing."""
    words = tuple(int(word) if word.isdigit() else word for word in name.split("."))
    for key, mark in document.marks.items():
        if key[: len(words)] == words:
            line = mark.rpartition(":")[2]
            if line.isdigit():
                yield int(line)
