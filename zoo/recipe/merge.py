"""How one recipe changes another: `extends` and overrides."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.errors import ZooError, shortened
from zoo.recipe.document import Document, below, parse_value, read_document
from zoo.recipe.problems import COMMAND_LINE, Key, Problem, RecipeError, dotted
from zoo.recipe.schema import is_component
from zoo.registry.registry import Registry

MOST_BASES = 20  # far more than anybody lays over each other


def find_recipe(word: str, registry: Registry, beside: Path | None = None) -> Path:
    """Return the file of a recipe given by name or path.

    Args:
        word: a registered name, or a path; one that ends in .yaml or has a slash is a path.
        registry: where names are looked up.
        beside: folder that relative paths start from; the working folder by default.

    Raises:
        ZooError: if there is no such recipe; with the nearest name.
    """
    path = Path(word)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        path = path if beside is None else beside / path
        try:
            what = "" if path.is_file() else "is a folder" if path.is_dir() else "does not exist"
        except OSError as error:
            what = f"cannot be opened: {error.strerror}"
        if what:
            raise ZooError(
                f"the recipe file {shortened(str(path), 300)} {what}; "
                "'zoo recipes' lists those that run by name"
            )
        return path
    found = registry.get("recipe", word).factory
    if not isinstance(found, Path) or not found.is_file():
        raise ZooError(f"the recipe '{word}' is registered, but its file {found} does not exist")
    return found


def read_with_bases(path: Path, registry: Registry, seen: tuple[Path, ...] = ()) -> Document:
    """Read a recipe and, where it says `extends`, lay it over that one.

    Raises:
        RecipeError: if a base is missing or extends itself.
    """
    document = read_document(path)
    base_name = document.data.get("extends")
    if not isinstance(base_name, str):
        return document
    here = (*seen, path.resolve())
    where = document.where(("extends",))
    try:
        base_path = find_recipe(base_name, registry, path.parent)
    except ZooError as error:
        raise RecipeError(str(path), [Problem(where, "extends", str(error))]) from error
    if len(here) > MOST_BASES:
        message = f"is number {len(here)} of the recipes that extend each other; expected at most {MOST_BASES}"
        raise RecipeError(str(path), [Problem(where, "extends", message)])
    if base_path.resolve() in here:
        message = f"'{base_name}' extends this recipe in turn; one of them has to stand alone"
        raise RecipeError(str(path), [Problem(where, "extends", message)])
    base = read_with_bases(base_path, registry, here)
    base.data.pop("extends", None)
    _lay_over(base, document, document.data, ())
    base.marks[()] = document.where(())
    return base


def _lay_over(base: Document, top: Document, values: dict[str, Any], key: Key) -> None:
    for name, value in values.items():
        here = (*key, name)
        old = base.get(here)
        if isinstance(value, dict) and isinstance(old, dict):
            if _is_other_component(here, old, value):
                base.put(here, {}, top.where(here))
            _lay_over(base, top, value, here)
        else:
            base.put(here, copy.deepcopy(value), top.where(here))
            base.marks |= {key: top.where(key) for key, _ in below(value, here)}


def _is_other_component(key: Key, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a component is replaced by another, so that the arguments of the old one mean nothing."""
    return is_component(key) and "name" in new and new["name"] != old.get("name")


def apply_overrides(document: Document, overrides: Iterable[str]) -> list[Problem]:
    """Set `key.path=value` pairs, and add to lists by `key.path+=value`; returns what is wrong with them.

    Naming another component drops the arguments of the old one; those given after it are the new one's.
    """
    problems = []
    for word in overrides:
        name, equals, text = word.partition("=")
        adds = name.endswith("+")
        name = name.removesuffix("+")
        where = COMMAND_LINE + shortened(word, 120)
        if not equals or not all(name.split(".")):
            message = "is not an override; expected key.path=value, as in training.epochs=5"
            problems.append(Problem(where, "", message))
            continue
        try:
            value = parse_value(text)
            key = document.find(name.split("."))
            if adds:
                _add(document, key, value, where)
                continue
            _drop_old_arguments(document, key, value, where)
            document.put(key, value, where)
        except (LookupError, ValueError) as error:
            problems.append(Problem(where, name, str(error.args[0])))
    return problems


def _add(document: Document, key: Key, value: Any, where: str) -> None:
    """Put a value at the end of a list; one that is not there is begun."""
    items = document.get(key)
    if items is None:
        document.put(key, [], where)
        items = document.get(key)
    if not isinstance(items, list):
        raise LookupError(
            f"'{shortened(dotted(key))}' is no list, so that nothing can be added to it; set it with ="
        )
    items.append(value)
    document.marks[*key, len(items) - 1] = where


def _drop_old_arguments(document: Document, key: Key, value: Any, where: str) -> None:
    section = document.get(key[:-1])
    if key[-1] != "name" or not is_component(key[:-1]) or not isinstance(section, dict):
        return
    if section.get("name") != value:
        kept = {"weight": section["weight"]} if "weight" in section else {}
        weight = document.where((*key[:-1], "weight"))
        document.put(key[:-1], kept, where)
        if kept:
            document.marks[*key[:-1], "weight"] = weight
