"""Recipes, overrides and YAML texts that somebody broke in every way, the same ones each time."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from zoo.plugins import Host
from zoo.recipe.schema import COMPONENT_PLACES

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 0.5, -0.5, 1.0, 1e308, -1e308, 5e-324, 10**9, -(10**9), 2**31, 2**63, -(2**63),
    10**30, 10**4200, float("nan"), float("inf"), "", " ", "x", "yes", "1", "2e-4", "none", "keras.losses.LogCosh",
    "keras.optimizers.Adam", "keras.losses.", "a\u0000b", "ä" * 50, "🦓", "\u202e", "x" * 5000, "2020-13-45", [], [[]],
    [1], [1, 2], [1, 2, 3], ["x"], [None], [{}], {}, {"name": "unet"}, {"name": None}, {"name": 5}, {"name": ["l1"]},
    {"name": "l1", "weight": -1}, {"": 1}, {"x": {"y": {"z": []}}}, {"name": "adam", "learning_rate": -1},
]  # fmt: skip
TEXTS = [
    "!!int x", "!!float abc", "!!bool 3", "!!null x", "!!binary x", "!!set {a}", "!!timestamp 1", "!x y",
    "!<tag:x> 1", "!!python/object/apply:os.system [ls]", "2020-13-45", "2020-01-01T25:00:00",
    '"\\UFFFFFFFF"', '"\\uD800"', '"\\q"', '"\\0"', "9" * 4301, "-" + "9" * 5000, "0x" + "f" * 5000,
    "0b" + "1" * 80, "1_000", "1e400", ".inf", "-.INF", ".nan", "0o8", "&a [*a]", "*a", "&a", "*", "&", "!",
    "@", "`", "%", "|", ">", "|9", ">-", "?", ": ", "- -", "{", "}", "[", "]", "{a: 1, a: 2}", "[1,,2]",
    "{,}", "{? [1]: 2}", "<<: *x", "{<<: 3}", "{<<: {name: unet}}", "'", '"', "#", "---", "...", "%YAML 9.9",
    "%TAG ! x", "\t", "\u0000", "\u0007", "\u2028", "\ufeff", "\u00a0", "~", "null", "true", "1 2", "a: b: c",
    "[" * 60 + "]" * 60, "[" * 1200 + "]" * 1200, "{a: " * 100 + "1" + "}" * 100, "x" * 20_000,
]  # fmt: skip
PARTS = [
    "",
    "0",
    "-1",
    "1",
    "99",
    "9" * 400,
    "²",
    "٣",
    "x",
    "name",
    "weight",
    "*",
    " ",
    "ä" * 40,
    "x" * 3000,
    "<<",
    "1.5",
]
# How many mistakes a recipe has; one by itself comes furthest.
COUNTS = [1, 1, 1, 2, 3]


@dataclass(frozen=True)
class Mutation:
    """A recipe that is to be refused in our words, or to work.

    Args:
        text: of the file.
        overrides: of the command line.
    """

    text: str
    overrides: tuple[str, ...] = ()


def mutations(data: dict[str, Any], text: str, host: Host, seed: int) -> Iterator[Mutation]:
    """Yield broken recipes without end: in turn of broken data, a broken text, and broken overrides.

    Args:
        data: a valid recipe.
        text: the same as YAML.
        host: whose components' names are put where others were.
        seed: the same one gives the same recipes.
    """
    chance = random.Random(seed)
    names = sorted(
        {name for kind in set(COMPONENT_PLACES.values()) for name in host.registry.names(kind)}
    )
    while True:
        broken = copy.deepcopy(data)
        for _ in range(chance.choice(COUNTS)):
            chance.choice(STRUCTURE)(chance, broken, names)
        yield Mutation(json.dumps(broken, ensure_ascii=chance.random() < 0.5))
        written = text
        for _ in range(chance.choice(COUNTS)):
            written = chance.choice(WRITING)(chance, written)
        yield Mutation(written)
        words = [_override(chance, data, names) for _ in range(chance.choice(COUNTS))]
        yield Mutation(text, tuple(words))


# === Data ===


def _drop(chance: random.Random, data: Any, names: list[str]) -> None:
    place, key = _place(chance, data)
    del place[key]


def _replace(chance: random.Random, data: Any, names: list[str]) -> None:
    place, key = _place(chance, data)
    place[key] = copy.deepcopy(chance.choice(VALUES))


def _rename(chance: random.Random, data: Any, names: list[str]) -> None:
    place, key = _place(chance, data)
    if isinstance(place, dict):
        place[chance.choice([*PARTS, f"{key}s", key.upper(), key[:-1]])] = place.pop(key)


def _insert(chance: random.Random, data: Any, names: list[str]) -> None:
    place, _ = _place(chance, data)
    value = copy.deepcopy(chance.choice(VALUES))
    if isinstance(place, dict):
        place[chance.choice([*PARTS, *COMMON])] = value
    else:
        place.insert(chance.randint(0, len(place)), value)


def _other_name(chance: random.Random, data: Any, names: list[str]) -> None:
    places = [place for place, key in _places(data) if key == "name"]
    if places:
        chance.choice(places)["name"] = chance.choice(names)


def _wrap(chance: random.Random, data: Any, names: list[str]) -> None:
    place, key = _place(chance, data)
    place[key] = [place[key]] if chance.random() < 0.5 else {chance.choice(COMMON): place[key]}


def _exchange(chance: random.Random, data: Any, names: list[str]) -> None:
    (one, first), (other, second) = _place(chance, data), _place(chance, data)
    one[first] = copy.deepcopy(other[second])


COMMON = ["name", "weight", "path", "size", "filters", "training", "losses", "extends", "schedule"]
STRUCTURE = [_drop, _replace, _replace, _replace, _rename, _insert, _other_name, _wrap, _exchange]


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _place(chance: random.Random, data: Any) -> tuple[Any, Any]:
    places = list(_places(data))
    if not places:
        data["model"] = {}
        return data, "model"
    return chance.choice(places)


# === Text ===


def _cut(chance: random.Random, text: str) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.randint(1, 20) :]


def _paste(chance: random.Random, text: str) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + chance.choice(TEXTS) + text[start:]


def _value(chance: random.Random, text: str) -> str:
    return _line(chance, text, lambda line: f"{line.partition(': ')[0]}: {chance.choice(TEXTS)}")


def _anchor(chance: random.Random, text: str) -> str:
    named = _line(chance, text, lambda line: line.replace(": ", ": &x ", 1))
    return _line(chance, named, lambda line: f"{line.partition(': ')[0]}: *x")


def _merge(chance: random.Random, text: str) -> str:
    named = _line(chance, text, lambda line: f"{line} &x" if line.endswith(":") else line)
    return _line(chance, named, lambda line: f"{_indent(line)}<<: *x\n{line}")


def _indented(chance: random.Random, text: str) -> str:
    space = chance.choice([" ", "  ", "\t", "   "])
    return _line(chance, text, lambda line: space + line if chance.random() < 0.5 else line[1:])


def _twice(chance: random.Random, text: str) -> str:
    return _line(chance, text, lambda line: f"{line}\n{line}")


def _line(chance: random.Random, text: str, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    index = chance.randrange(len(lines))
    lines[index] = change(lines[index])
    return "\n".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


WRITING = [_cut, _paste, _value, _value, _anchor, _merge, _indented, _twice]


# === Overrides ===


def _override(chance: random.Random, data: dict[str, Any], names: list[str]) -> str:
    keys = [key for key, _ in _keys(data, ())]
    parts = [str(part) for part in chance.choice(keys)]
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        index = chance.randint(0, len(parts))
        new = [chance.choice([*PARTS, *COMMON])]
        parts[index : index + chance.randint(0, 1)] = new
    if chance.random() < 0.3:
        value = chance.choice(names)
    elif chance.random() < 0.5:
        value = chance.choice(TEXTS)
    else:
        value = json.dumps(chance.choice(VALUES), ensure_ascii=False)
    equals = "=" if chance.random() < 0.97 else ""
    return f"{'.'.join(parts)}{equals}{value}"


def _keys(data: Any, above: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*above, key), value
        if isinstance(value, dict | list):
            yield from _keys(value, (*above, key))
