"""Loading a recipe: from a name or a path to checked sections and components with all their arguments."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from zoo.errors import ConflictError, DataError, ZooError
from zoo.plugins import Host, load_host
from zoo.recipe.arguments import check_arguments
from zoo.recipe.document import Document
from zoo.recipe.merge import apply_overrides, find_recipe, read_with_bases
from zoo.recipe.model_needs import check_needs
from zoo.recipe.problems import MOST_TOLD, Key, Problem, RecipeError, dotted, explain
from zoo.recipe.schema import COMPONENT_PLACES, WEIGHTED, RecipeSchema
from zoo.registry.component import Component
from zoo.registry.model_factory import NEEDED, needs_of

# Keys of a section that belong to the recipe and not to the component.
OWN_KEYS = ("name", "weight")


@dataclass(frozen=True)
class Choice:
    """A component with the arguments that a recipe gives it, defaults filled in."""

    component: Component
    arguments: dict[str, Any]

    def create(self, **supplied: Any) -> Any:
        """Call the component's factory."""
        return self.component.create(self.arguments, **supplied)


@dataclass
class Recipe:
    """A recipe that was read and checked.

    Args:
        name: its name, or the stem of its file.
        path: its file.
        host: the plugins it may use.
        document: its data with the line of every key, after `extends` and overrides.
        choices: its components by key, such as `("losses", "reconstruction", 0)`.
        problems: what is wrong with it; empty unless it was loaded with `strict=False`.
    """

    name: str
    path: Path
    host: Host
    document: Document
    choices: dict[Key, Choice] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _sections: RecipeSchema | None = None

    def __repr__(self) -> str:
        if self.problems:
            count = len(self.problems)
            return f"<Recipe {self.name}: {count} problem{'s' if count > 1 else ''}>"
        parts = (self.choices.get((section,)) for section in ("model", "generator", "dataset"))
        return f"<Recipe {self.name}: {', '.join(part.component.name for part in parts if part)}>"

    @property
    def sections(self) -> RecipeSchema:
        """The fixed keys, typed, defaults filled in.

        Raises:
            RecipeError: if the recipe has problems.
        """
        if self._sections is None:
            raise RecipeError(self.name, self.problems)
        return self._sections

    def problem(self, key: Key, message: str, because: Sequence[Key] = ()) -> Problem:
        """A problem at the place of a key, or of the overrides that made it.

        Args:
            key: what is wrong; a component as a whole if its arguments do not work.
            message: why.
            because: other keys that have to do with it. The file was right before somebody overrode one of them.
        """
        words = (self.document.overrides(place) for place in (key, *because))
        where = next(filter(None, words), "") or self.document.where(key)
        return Problem(where, dotted(key), message)

    def failure(self, key: Key, error: Exception, because: Sequence[Key] = ()) -> Problem:
        """The problem that a component could not be made.

        Args:
            key: which names the component.
            error: what was raised; it may name another part of the recipe, or an argument.
            because: other keys that what was to be made depends on.
        """
        if isinstance(error, ConflictError):
            key, because = self.document.key(error.key), (key, *because)
        elif isinstance(error, DataError) and error.argument:
            key = (*key, error.argument)
        return self.problem(key, str(error), because)

    def choices_of(self, key: Key) -> Iterator[tuple[Key, Choice]]:
        """Yield the components below a key, as of the list `losses.reconstruction`."""
        for place, choice in self.choices.items():
            if place[: len(key)] == key:
                yield place, choice

    def resolved(self) -> dict[str, Any]:
        """The recipe as plain data with every default written out; loading it again gives the same experiment."""
        data = self.sections.model_dump(mode="json", exclude={"extends"})
        for word in NEEDED:
            *path, last = word.split(".")
            place = data[path[0]] if path else data
            if place[last] is None:
                del place[last]
        for key, choice in self.choices.items():
            section: Any = data
            for part in key:
                section = section[part]
            section.update(_plain(choice.arguments))
        return data

    def to_yaml(self) -> str:
        """The resolved recipe as YAML text."""
        writer = YAML()
        writer.indent(mapping=2, sequence=4, offset=2)
        out = io.StringIO()
        writer.dump(self.resolved(), out)
        return out.getvalue()


def load_recipe(
    recipe: str | Path,
    *overrides: str,
    host: Host | None = None,
    strict: bool = True,
    only: Key | None = None,
) -> Recipe:
    """Load a recipe and check every key of it.

    Args:
        recipe: name of an installed recipe (`"earth"`), or path of a YAML file.
        overrides: `"key.path=value"`, as on the command line.
        host: the plugins that it may use, as `load_host` returns them; None for the installed ones.
        strict: raise on problems; otherwise they are kept in `Recipe.problems`.
        only: key of the one component to check, such as `("dataset",)`; all else is left unread.

    Raises:
        RecipeError: with every problem, each with file, line and key.
        ZooError: if there is no such recipe.
    """
    host = host or load_host()
    path = find_recipe(str(recipe), host.registry)
    document = read_with_bases(path, host.registry)
    problems = apply_overrides(document, overrides)
    loaded = Recipe(path.stem, path, host, document, problems=problems)
    if only is None:
        _check_sections(loaded)
    for key, kind in _component_keys(document):
        if only in (None, key):
            _check_component(loaded, key, kind)
    if only is None and (model := loaded.choices.get(("model",))):
        needs = needs_of(model.component.target)
        loaded.problems += [
            loaded.problem(key, message, because=(("model", "name"),))
            for key, message in check_needs(document, model.component.name, needs)
        ]
    if problems and strict:
        raise RecipeError(str(recipe), problems)
    return loaded


def _check_sections(recipe: Recipe) -> None:
    try:
        recipe._sections = RecipeSchema.model_validate(recipe.document.data)
    except ValidationError as error:
        recipe.problems += [
            recipe.problem(item["loc"], explain(dict(item), _known_keys(item["loc"], number)))
            for number, item in enumerate(error.errors(include_url=False))
        ]


def _known_keys(key: Key, number: int) -> list[str]:
    """The keys that are valid beside a key; looking for the nearest takes its time, so not for what is not told."""
    if number > MOST_TOLD:
        return []
    model: Any = RecipeSchema
    for part in key[:-1]:
        model = model.model_fields[part].annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
    return list(model.model_fields)


def _component_keys(document: Document) -> Iterator[tuple[Key, str]]:
    for place, kind in COMPONENT_PLACES.items():
        if place[-1] == "*":
            items = document.get(place[:-1])
            keys: Iterable[Any] = range(len(items)) if isinstance(items, list) else ()
            for key in items if isinstance(items, dict) else keys:
                yield (*place[:-1], key), kind
        else:
            yield place, kind


def _check_component(recipe: Recipe, key: Key, kind: str) -> None:
    section = recipe.document.get(key)
    if section is None and key[0] not in recipe.document.data:
        section = _default_section(key)
    if not isinstance(section, dict) or not isinstance(section.get("name"), str):
        return  # said by the check of the sections
    try:
        component = recipe.host.registry.get(kind, section["name"])
        own = OWN_KEYS if kind in WEIGHTED else OWN_KEYS[:1]
        arguments = {name: value for name, value in section.items() if name not in own}
        resolved, wrong = check_arguments(component, arguments)
        recipe.problems += [
            recipe.problem((*key, *place), message) for place, message in wrong.items()
        ]
        if not wrong:
            recipe.choices[key] = Choice(component, resolved)
    except ZooError as error:
        hint = "".join(f" ({problem})" for problem in recipe.host.problems)
        recipe.problems.append(recipe.problem((*key, "name"), f"{error}{hint}"))


def _default_section(key: Key) -> dict[str, Any] | None:
    fields = RecipeSchema.model_fields
    default = fields[str(key[0])].default if len(key) == 1 else None
    return default.model_dump() if isinstance(default, BaseModel) else None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(exclude_defaults=True))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
