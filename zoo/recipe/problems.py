"""What is wrong with a recipe: every problem with its file, line and key, told at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from zoo.errors import ZooError, nearest, shortened

Key = tuple[str | int, ...]
# How the mark of what an override sets begins; the override as it was written follows.
COMMAND_LINE = "command line: "
# What is printed of all problems, and of one: a file of thousands of mistakes is mended one look at a time.
MOST_TOLD = 20
MOST_LETTERS = 10_000
# What is said of a key that has to be there.
MISSING = "is missing; give it a value"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        where: `file:line`, or `command line: key=value` for an override.
        key: dotted key, empty for the file as a whole.
        message: what is wrong, what was expected, what to try.
    """

    where: str
    key: str
    message: str

    def __str__(self) -> str:
        # An override says its key by itself.
        known = not self.key or self.where.startswith(
            (f"{COMMAND_LINE}{self.key}=", f"{COMMAND_LINE}{self.key}+=")
        )
        place = "" if known else f"{shortened(self.key, 200)}: "
        return f"{self.where}: {place}{self.message[:MOST_LETTERS]}"


class RecipeError(ZooError):
    """A recipe that cannot be run; carries every problem that was found.

    Args:
        name: the recipe's name or path.
        problems: at least one.
    """

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        problems = list(dict.fromkeys(problems))
        self.problems = tuple(sorted(problems, key=_place))
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = [f"  {problem}" for problem in self.problems[:MOST_TOLD]]
        if len(problems) > MOST_TOLD:
            lines.append(f"  … and {len(problems) - MOST_TOLD} more")
        told = "\n".join(lines)
        super().__init__(f"{count} in recipe {shortened(name, 300)}:\n{told}")


def _place(problem: Problem) -> tuple[str, int]:
    file, _, line = problem.where.rpartition(":")
    if problem.where.startswith(COMMAND_LINE) or not line.isdigit():
        return problem.where.partition(": ")[0], 0
    return file, int(line)


def dotted(key: Iterable[str | int]) -> str:
    """Write a key as users do in overrides: `losses.reconstruction.0.weight`."""
    return ".".join(str(part) for part in key)


def explain_all(errors: Sequence[dict[str, Any]], allowed: Sequence[str]) -> str:
    """Say in our words what pydantic says of one value; where several types are allowed, it has an error for each.

    Args:
        errors: entries of `pydantic.ValidationError.errors()`, at least one.
        allowed: the keys that are valid at the place of the errors, for unknown ones.
    """
    first = explain(errors[0], allowed)
    # What is said of parts of the value speaks of types that it was closest to, which is one too many.
    others = [explain(item, allowed) for item in errors[1:] if item["input"] == errors[0]["input"]]
    before, got, value = first.partition(", got ")
    ways = dict.fromkeys(
        text.partition(", got ")[0] for text in others if text.startswith("expected ")
    )
    ways.pop(before, None)
    more = "".join(f", or {way.removeprefix('expected ')}" for way in ways)
    return f"{before}{more}{got}{value}"


def explain(error: dict[str, Any], allowed: Sequence[str]) -> str:
    """Say one pydantic error in our words.

    Args:
        error: an entry of `pydantic.ValidationError.errors()`.
        allowed: the keys that are valid at the place of the error, for unknown ones.
    """
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        name = error["loc"][-1]
        known = f"; expected {_listed(sorted(allowed))}" if allowed else "; it takes no arguments"
        return f"unknown key '{shortened(str(name))}'{known}.{nearest(name, allowed)}"
    if kind == "missing":
        return MISSING
    if kind == "literal_error":
        choices = [
            part.strip(" '") for part in context["expected"].replace(" or ", ", ").split(",")
        ]
        return f"expected {_listed(choices)}, got {_shown(value)}.{nearest(str(value), choices)}"
    if kind == "value_error":
        return str(context["error"])
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_shown(value)}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"expected a value {words} {context[name]}, got {_shown(value)}"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}, got {_shown(value)}"


_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "finite_number": "a finite number",
    "none_required": "nothing (null)",
}
_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "of at most"),
}


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "keys and values"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return shortened(repr(value))
