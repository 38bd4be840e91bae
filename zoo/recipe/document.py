"""YAML files as plain data, with the file and line of every key."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from zoo.recipe.problems import Key, Problem, RecipeError, dotted

MOST_BYTES = 1_000_000
MOST_VALUES = 100_000  # aliases of aliases can make a small file expand without bound


@dataclass
class Document:
    """Nested plain data and where each key of it stands.

    Args:
        data: dicts, lists, str, int, float, bool and None.
        marks: `file:line` (or `command line`) by key.
    """

    data: dict[str, Any]
    marks: dict[Key, str] = field(default_factory=dict)

    def where(self, key: Key) -> str:
        """Return where a key stands; for one that is not there, where its nearest parent does."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.marks:
                return self.marks[key[:length]]
        raise KeyError(key)

    def put(self, key: Key, value: Any, where: str) -> None:
        """Set a value; parents that are missing are made.

        Raises:
            LookupError: if the key goes through something that has no such place; the message says which.
        """
        place: Any = self.data
        for depth, part in enumerate(key[:-1]):
            if isinstance(place, dict) and part not in place:
                place[part] = {}
                self.marks[key[: depth + 1]] = where
            place = _item(place, part, key[:depth])
        last = key[-1]
        if isinstance(place, dict):
            place[last] = value
        else:
            _item(place, last, key[:-1])
            place[int(last)] = value
        for old in [mark for mark in self.marks if mark[: len(key)] == key]:
            del self.marks[old]
        self.marks[key] = where


def _item(place: Any, part: str | int, parent: Key) -> Any:
    if isinstance(place, dict):
        return place[part]
    name = dotted(parent)
    if not isinstance(place, list):
        raise LookupError(f"'{name}' is a single value and has no '{part}' in it")
    if not str(part).isdigit() or int(part) >= len(place):
        raise LookupError(
            f"'{name}' is a list of {len(place)}; expected a number below that, got '{part}'"
        )
    return place[int(part)]


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
    try:
        loaded = YAML(typ="rt").load(io.StringIO(text))
    except DuplicateKeyError as error:
        first = str(error.problem).split('"')[1] if '"' in str(error.problem) else "a key"
        message = f"the key '{first}' is given twice; keep one of them"
        raise RecipeError(name, [Problem(_line(name, error), "", message)]) from None
    except MarkedYAMLError as error:
        what = " ".join(part for part in (error.context, error.problem) if part)
        message = f"is not valid YAML: {what}"
        raise RecipeError(name, [Problem(_line(name, error), "", message)]) from None
    except YAMLError as error:
        raise RecipeError(name, [Problem(name, "", f"is not valid YAML: {error}")]) from None
    if loaded is None:
        raise RecipeError(
            name, [Problem(name, "", "is empty; start from one with 'zoo copy earth my.yaml'")]
        )
    if not isinstance(loaded, CommentedMap):
        message = (
            "holds no keys and values at the top; start from one with 'zoo copy earth my.yaml'"
        )
        raise RecipeError(name, [Problem(f"{name}:1", "", message)])
    reader = _Reader(name)
    document = Document(reader.plain(loaded, ()), {(): f"{name}:1", **reader.marks})
    if reader.problems:
        raise RecipeError(name, reader.problems)
    return document


def parse_value(text: str) -> Any:
    """Parse the value of an override as YAML: `2e-4`, `true`, `[1, 2]`, `{name: l2}`.

    Raises:
        ValueError: if it is not valid YAML.
    """
    try:
        loaded = YAML(typ="rt").load(io.StringIO(text))
    except YAMLError as error:
        raise ValueError(f"the value '{text}' is not valid YAML") from error
    reader = _Reader("command line")
    value = reader.plain(loaded, ())
    if reader.problems:
        raise ValueError(reader.problems[0].message)
    return value


def _line(name: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{name}:{mark.line + 1}" if mark else name


class _Reader:
    """Turns ruamel.yaml's nodes into plain data and notes the line of every key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks: dict[Key, str] = {}
        self.problems: list[Problem] = []
        self.values = 0

    def plain(self, node: Any, key: Key) -> Any:
        self.values += 1
        if self.values > MOST_VALUES:
            message = f"expands to more than {MOST_VALUES} values"
            raise RecipeError(self.name, [Problem(self.name, "", message)])
        if _is_tagged(node):
            message = "expected text, a number, true, false, a list, or keys and values; YAML tags mean nothing here"
            self.problems.append(Problem(self.marks.get(key, self.name), dotted(key), message))
            return None
        if isinstance(node, CommentedMap):
            return {str(name): self._child(node, name, (*key, str(name))) for name in node}
        if isinstance(node, CommentedSeq):
            return [self._child(node, index, (*key, index)) for index in range(len(node))]
        if not (node is None or isinstance(node, bool | int | float | str)):
            message = f"expected text, a number, true, false, a list, or keys and values, got {node}; quote it"
            self.problems.append(Problem(self.marks.get(key, self.name), dotted(key), message))
            return None
        return _python(node)

    def _child(self, node: Any, place: Any, key: Key) -> Any:
        line = node.lc.data[place][0] if node.lc.data and place in node.lc.data else 0
        self.marks[key] = f"{self.name}:{line + 1}"
        return self.plain(node[place], key)


def _is_tagged(node: Any) -> bool:
    tag = getattr(node, "tag", None)
    return tag is not None and bool(tag.value) and not str(tag).startswith("tag:yaml.org,2002:str")


def _python(node: Any) -> Any:
    # ruamel.yaml keeps how a number was written in subclasses; json and pydantic want the plain types.
    for plain in (bool, int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return None
