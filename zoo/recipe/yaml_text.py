"""YAML text as plain data: YAML 1.2 without tags, of a bounded size and depth, with the line of every key.

The text is taken event by event, so that nothing in it, however deep or large, runs any code or fills the memory.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from zoo.errors import shortened
from zoo.recipe.problems import Key, Problem, RecipeError, dotted
from zoo.recipe.yaml_errors import explain_yaml

MOST_VALUES = 100_000  # aliases of aliases can make a small file expand without bound
MOST_DEPTH = 50  # far more than a recipe has
LARGEST = 2**63 - 1

NULL = re.compile(r"~|null|Null|NULL|")
BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
INT = re.compile(r"[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-fA-F]+|[0-9][0-9_]*)")
FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?"
)
NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
MERGE = "<<"


def read_yaml(text: str, name: str) -> tuple[Any, dict[Key, str]]:
    """Read the one document of a YAML text.

    Args:
        text: the YAML.
        name: what the marks call the text.

    Returns:
        Its data (dict with text as keys, list, str, int, float, bool or None), and `name:line` by key.

    Raises:
        RecipeError: if it is not YAML, or more than a recipe can hold.
    """
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(io.StringIO(text)):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        message = f"is not valid YAML: {explain_yaml(error)}"
        raise RecipeError(name, [Problem(where, "", message)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"is not valid YAML: it holds the character U+{code:04X}, which no text has"
        raise RecipeError(name, [Problem(f"{name}:{line}", "", message)]) from None
    except (ValueError, OverflowError):
        # ruamel.yaml turns escapes as "\UFFFFFFFF" into characters without looking whether there is one.
        message = "is not valid YAML: a text in double quotes has an escape that is no character"
        raise RecipeError(name, [Problem(f"{name}:{builder.line}", "", message)]) from None
    if builder.problems:
        raise RecipeError(name, builder.problems)
    return builder.root, {**builder.marks, (): f"{name}:1"}


@dataclass
class _Level:
    """A list or mapping that is being filled.

    Args:
        value: what is in it so far.
        key: where it stands.
        name: of a mapping: the key whose value comes next.
        where: of that key.
        merged: of a mapping: what `<<` lays under it.
    """

    value: list[Any] | dict[str, Any]
    key: Key
    name: str | None = None
    where: str = ""
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Makes data of events.

    Args:
        name: what the marks call the text.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = None
        self.marks: dict[Key, str] = {}
        self.problems: list[Problem] = []
        self.line = 1
        self._levels: list[_Level] = []
        self._anchors: dict[str, Any] = {}
        self._values = 0
        self._documents = 0
        self._last: Any = None

    @property
    def where(self) -> str:
        """File and line of the event."""
        return f"{self.name}:{self.line}"

    def take(self, event: events.Event) -> None:
        """Take the next event."""
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        if isinstance(event, events.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error("begins a second document; a recipe is one, without a line ---")
        elif isinstance(event, events.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, events.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, events.CollectionEndEvent):
            self._end(self._levels.pop())
        elif isinstance(event, events.AliasEvent):
            self._alias(event.anchor)

    def _scalar(self, event: events.ScalarEvent) -> None:
        level = self._levels[-1] if self._levels else None
        if level and isinstance(level.value, dict) and level.name is None:
            name = self._text(event.value, level.key)
            if name in level.value:
                raise self._error(f"the key '{shortened(name)}' is given twice; keep one of them")
            level.name, level.where = name, self.where
            return
        key = self._next()
        plain = event.tag is None and event.implicit[0]
        read = self._plain if plain else self._text
        self._put(read(event.value, key))
        self._note(event, key)

    def _start(self, event: events.CollectionStartEvent) -> None:
        key = self._next()
        if len(key) >= MOST_DEPTH:
            raise self._too_deep()
        self._put({} if isinstance(event, events.MappingStartEvent) else [])
        self._note(event, key)
        self._levels.append(_Level(self._last, key))

    def _end(self, level: _Level) -> None:
        for below in level.merged:
            if isinstance(below, list):
                level.merged += below
            elif not isinstance(below, dict) or not isinstance(level.value, dict):
                raise self._error(f"'{MERGE}' takes the keys and values of another place, as *name")
            else:
                for name in below.keys() - level.value.keys():
                    key = (*level.key, name)
                    self.marks[key] = self.marks[level.key]
                    level.value[name] = self._copy(below[name], key)

    def _alias(self, anchor: str) -> None:
        shown = shortened(anchor)
        if anchor not in self._anchors:
            raise self._error(
                f"is not valid YAML: *{shown} names nothing; there is no &{shown} before it"
            )
        value = self._anchors[anchor]
        if any(level.value is value for level in self._levels):
            raise self._error(f"is not valid YAML: *{shown} stands within &{shown}")
        key = self._next()
        # A copy, so that an override of one does not change the other.
        self._put(self._copy(value, key))

    def _next(self) -> Key:
        """Return the key of the value that comes next, and mark where it stands."""
        if not self._levels:
            self.marks[()] = self.where
            return ()
        level = self._levels[-1]
        if isinstance(level.value, list):
            key: Key = (*level.key, len(level.value))
            self.marks[key] = self.where
            return key
        if level.name is None:
            raise self._error("has a key that is a list or keys and values; expected a text")
        key = (*level.key, level.name)
        self.marks[key] = level.where
        return key

    def _put(self, value: Any) -> None:
        """Put a value where `_next` said."""
        self._count()
        self._last = value
        if not self._levels:
            self.root = value
            return
        level = self._levels[-1]
        if isinstance(level.value, list):
            level.value.append(value)
            return
        name, level.name = str(level.name), None
        if name == MERGE:
            level.merged.append(value)
        else:
            level.value[name] = value

    def _note(self, event: events.ScalarEvent | events.CollectionStartEvent, key: Key) -> None:
        """Remember what an anchor is, and refuse a tag."""
        if event.anchor is not None:
            self._anchors[event.anchor] = self._last
        if event.tag is not None and str(event.tag) not in TEXT_TAGS:
            self._tell(
                key,
                "expected text, a number, true, false, a list, or keys and values; YAML tags mean nothing here",
            )

    def _copy(self, value: Any, key: Key) -> Any:
        items: Any = ()
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, list):
            items = enumerate(value)
        copies = []
        for part, item in items:
            below = (*key, part)
            if len(below) > MOST_DEPTH:
                raise self._too_deep()
            self._count()
            self.marks[below] = self.where
            copies.append((part, self._copy(item, below)))
        if isinstance(value, dict):
            return dict(copies)
        return [copy for _, copy in copies] if isinstance(value, list) else value

    def _plain(self, text: str, key: Key) -> Any:
        """Return what a scalar without quotes is: nothing, true, false, a number or a text."""
        if NULL.fullmatch(text):
            return None
        if BOOL.fullmatch(text):
            return text[0] in "tT"
        if INT.fullmatch(text):
            return self._whole(text, key)
        if FLOAT.fullmatch(text):
            return float(text.replace("_", ""))
        if NO_NUMBER.fullmatch(text):
            return float(text.replace(".", "", 1))
        return self._text(text, key)

    def _whole(self, text: str, key: Key) -> int | None:
        digits = text.replace("_", "").lstrip("+-").lower()
        # A text of this length is read in no time, and Python reads none of more than 4,300 digits.
        value = int(digits, 10 if digits.isdigit() else 0) if len(digits) <= 66 else LARGEST + 1
        if value > LARGEST:
            self._tell(key, f"expected a number of at most 64 bits, got {shortened(text)}")
            return None
        return -value if text.startswith("-") else value

    def _text(self, text: str, key: Key) -> str:
        if HALF_CHARACTER.search(text):
            self._tell(key, "holds half of a surrogate pair, which is no character")
            return ""
        return text

    def _count(self) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            message = f"expands to more than {MOST_VALUES} values"
            raise RecipeError(self.name, [Problem(self.name, "", message)])

    def _tell(self, key: Key, message: str) -> None:
        self.problems.append(Problem(self.marks[key], dotted(key), message))

    def _error(self, message: str) -> RecipeError:
        return RecipeError(self.name, [Problem(self.where, "", message)])

    def _too_deep(self) -> RecipeError:
        return self._error(f"is nested more than {MOST_DEPTH} deep")
