"""A recipe as plain data, with the file and line, or the override, of every key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.errors import shortened
from zoo.recipe.problems import COMMAND_LINE, Key, Problem, RecipeError, dotted
from zoo.recipe.yaml_text import read_yaml

MOST_BYTES = 1_000_000


@dataclass
class Document:
    """Nested plain data and where each key of it stands.

    Args:
        data: dicts, lists, str, int, float, bool and None.
        marks: by key `file:line`, or `command line: key=value` for what an override sets.
    """

    data: dict[str, Any]
    marks: dict[Key, str] = field(default_factory=dict)

    def where(self, key: Key) -> str:
        """Return where a key stands; for one that is not there, where its nearest parent does."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.marks:
                return self.marks[key[:length]]
        raise KeyError(key)

    def overrides(self, key: Key) -> str:
        """Return the overrides that set a key or something below it, as they were written; empty if none did."""
        found = [key, *(inner for inner, _ in below(self.get(key), key))]
        words = dict.fromkeys(
            mark.removeprefix(COMMAND_LINE)
            for mark in (self.marks.get(place, "") for place in found)
            if mark.startswith(COMMAND_LINE)
        )
        return COMMAND_LINE + " ".join(words) if words else ""

    def get(self, key: Key) -> Any:
        """Return what stands at a key; None if nothing does."""
        place: Any = self.data
        for part in key:
            if isinstance(place, list):
                is_there = isinstance(part, int) and 0 <= part < len(place)
            else:
                is_there = isinstance(place, dict) and part in place
            if not is_there:
                return None
            place = place[part]
        return place

    def key(self, name: str) -> Key:
        """Return the key of a dotted name, as far as it is there."""
        key: Key = ()
        for word in name.split("."):
            place = self.get(key)
            is_index = isinstance(place, list) and word.isdigit()
            key = (*key, int(word) if is_index else word)
        return key

    def find(self, words: list[str]) -> Key:
        """Return the key that words mean, of which those that number an item of a list are whole numbers.

        Raises:
            LookupError: if it goes through something that has no such place; the message says which.
        """
        key: Key = ()
        for word in words:
            place = self.get(key)
            if isinstance(place, list):
                key = (*key, _index(word, place, key))
            elif place is None or isinstance(place, dict):
                key = (*key, word)
            else:
                name = shortened(dotted(key))
                raise LookupError(
                    f"'{name}' is a single value and has no '{shortened(word)}' in it"
                )
        return key

    def put(self, key: Key, value: Any, where: str) -> None:
        """Set a value; parents that are missing or nothing (null) are made.

        Args:
            key: as `find` returns it.
            value: plain data.
            where: the mark of the key and of all that is made for it.
        """
        place: Any = self.data
        for depth, part in enumerate(key[:-1], start=1):
            if self.get(key[:depth]) is None:
                place[part] = {}
                self.marks[key[:depth]] = where
            place = place[part]
        for inner, _ in below(self.get(key), key):
            self.marks.pop(inner, None)
        place[key[-1]] = value
        self.marks[key] = where


def _index(word: str, place: list[Any], key: Key) -> int:
    # No list of a recipe is that long, and Python refuses to read a number of thousands of digits.
    if word.isascii() and word.isdigit() and len(word) < 10 and int(word) < len(place):
        return int(word)
    name = shortened(dotted(key))
    raise LookupError(
        f"'{name}' is a list of {len(place)}; expected a number below that, got '{shortened(word)}'"
        if place
        else f"'{name}' is an empty list; set it as a whole, as {name}=[...]"
    )


def below(value: Any, key: Key) -> Iterator[tuple[Key, Any]]:
    """Yield everything within a value with its key."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for part, item in items:
        yield (*key, part), item
        yield from below(item, (*key, part))


def read_document(path: Path) -> Document:
    """Read a YAML file (YAML 1.2, one document, keys and values at the top).

    Raises:
        RecipeError: if it cannot be read; with the line.
    """
    name = str(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise RecipeError(name, [Problem(name, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError:
        raise RecipeError(name, [Problem(name, "", "is not a text file in UTF-8")]) from None
    if len(raw) > MOST_BYTES:
        raise RecipeError(
            name, [Problem(name, "", f"has {len(raw)} bytes; a recipe has at most {MOST_BYTES}")]
        )
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """Parse YAML text; `name` is what marks call the file.

    Raises:
        RecipeError: if it is not YAML, or not keys and values at the top.
    """
    loaded, marks = read_yaml(text, name)
    if loaded is None:
        raise RecipeError(
            name, [Problem(name, "", "is empty; start from one with 'zoo copy earth my.yaml'")]
        )
    if not isinstance(loaded, dict):
        message = (
            "holds no keys and values at the top; start from one with 'zoo copy earth my.yaml'"
        )
        raise RecipeError(name, [Problem(f"{name}:1", "", message)])
    return Document(loaded, marks)


def parse_value(text: str) -> Any:
    """Parse the value of an override as YAML: `2e-4`, `true`, `[1, 2]`, `{name: l2}`.

    Raises:
        ValueError: if it is not valid YAML; says why, without the value.
    """
    try:
        return read_yaml(text, "value")[0]
    except RecipeError as error:
        raise ValueError(error.problems[0].message) from None
