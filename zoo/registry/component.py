"""Components: what a name in a recipe stands for, what arguments it takes, and how it is created."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from zoo.errors import ZooError
from zoo.registry.keras_classes import keras_class
from zoo.registry.kinds import RESERVED, WITHOUT_ARGUMENTS, Kind
from zoo.registry.options import options_of
from zoo.registry.type_names import type_name


@dataclass(frozen=True)
class Argument:
    """An argument that a recipe may give to a component."""

    name: str
    annotation: Any
    default: Any
    description: str

    @property
    def required(self) -> bool:
        """Whether the recipe must give it."""
        return self.default is inspect.Parameter.empty

    @property
    def in_run(self) -> bool:
        """Whether it names a file or folder of the run directory; see `RunPath`."""
        from zoo.registry.run_path import is_run_path

        return is_run_path(self.annotation)

    @property
    def type_name(self) -> str:
        """The annotation as a reader would write it."""
        return type_name(self.annotation)


@dataclass(frozen=True)
class Component:
    """A named factory of one kind, and who provides it.

    Args:
        kind: which registry it is in.
        name: what recipes call it.
        factory: a callable, or `"module:attribute"`; for a recipe the path of its file.
        summary: one line.
        paper: arXiv id of the source, or an empty string.
        provider: name of the plugin.
        file: file of the plugin.
        needs: a module without which it cannot be made, or an empty string.
        extra: what pip is to install for that module.
    """

    kind: Kind
    name: str
    factory: Callable[..., Any] | str | Path
    summary: str
    paper: str
    provider: str
    file: str
    needs: str = ""
    extra: str = ""

    @property
    def to_install(self) -> str:
        """The command that installs what it needs and is missing; empty if nothing is."""
        if not self.needs or importlib.util.find_spec(self.needs):
            return ""
        return f"pip install '{self.extra}'"

    @cached_property
    def target(self) -> Any:
        """The factory itself, imported now if it was registered as `"module:attribute"`."""
        if not isinstance(self.factory, str):
            return self.factory
        module_name, _, attribute = self.factory.partition(":")
        if module_name == self.kind.keras_module:
            return keras_class(self.kind, attribute)
        where = f"the {self.kind.title} '{self.name}' of plugin '{self.provider}' ({self.file})"
        try:
            value: Any = importlib.import_module(module_name)
            for part in attribute.split("."):
                value = getattr(value, part)
        except ImportError as error:
            raise ZooError(f"{where} cannot be imported from {self.factory}: {error}") from error
        except AttributeError as error:
            raise ZooError(f"{where} is registered as {self.factory}, but {error}") from error
        return value

    @cached_property
    def documentation(self) -> Any:
        """The parsed docstring (`docstring_parser.Docstring`), of a class with that of its `__init__`."""
        import docstring_parser

        return docstring_parser.parse(inspect.getdoc(self.target) or "")

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments a recipe may give, in the order of the signature."""
        if self.kind.name in WITHOUT_ARGUMENTS:
            return ()
        target = self.target
        hints = _hints(target)
        described = {item.arg_name: item.description for item in self.documentation.params}
        found: list[Argument] = []
        for parameter in inspect.signature(target).parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                options = options_of(hints.get(parameter.name))
                found += [Argument(*option[:3], _in_one_line(option[3])) for option in options]
            elif parameter.kind is not parameter.VAR_POSITIONAL and parameter.name not in (
                *RESERVED,
                *self.kind.supplied,
            ):
                annotation = hints.get(parameter.name, self._annotation_of(parameter))
                description = _in_one_line(described.get(parameter.name))
                found.append(Argument(parameter.name, annotation, parameter.default, description))
        return tuple(found)

    def _annotation_of(self, parameter: inspect.Parameter) -> Any:
        """The annotation of an argument without one, as those of Keras's own classes are."""
        from zoo.registry.keras_ranges import RANGES

        ranges = RANGES.get(self.kind.keras_module, {}) if self._is_keras else {}
        if parameter.name in ranges:
            return ranges[parameter.name]
        # Where the default is true, false or a broken number the type is plain; elsewhere (None, a whole number, a text
        # that names something) more than the default's type is often allowed.
        default = parameter.default
        return type(default) if isinstance(default, bool | float) else Any

    @property
    def _is_keras(self) -> bool:
        return getattr(self.target, "__module__", "").partition(".")[0] == "keras"

    @property
    def listed_arguments(self) -> tuple[Argument, ...]:
        """The arguments and, after one that has keys of its own, these as `argument.key`."""
        listed = []
        for argument in self.arguments:
            listed.append(argument)
            for key, field in self.keys_of(argument.name).items():
                listed.append(
                    Argument(
                        f"{argument.name}.{key}",
                        Annotated[field.annotation, *field.metadata]
                        if field.metadata
                        else field.annotation,
                        field.get_default(),
                        field.description or "",
                    )
                )
        return tuple(listed)

    @cached_property
    def schema(self) -> Any:
        """A pydantic model of the arguments; unknown ones are refused."""
        from pydantic import ConfigDict, Field, create_model

        fields: dict[str, Any] = {}
        for argument in self.arguments:
            default = ... if argument.required else argument.default
            fields[argument.name] = (
                argument.annotation,
                Field(default, description=argument.description or None),
            )
        config = ConfigDict(
            extra="forbid", strict=True, arbitrary_types_allowed=True, allow_inf_nan=False
        )
        return create_model(self.name, __config__=config, **fields)

    def keys_of(self, name: str) -> dict[str, Any]:
        """Return the keys, with their pydantic fields, of an argument that has keys of its own; empty for others."""
        from pydantic import BaseModel

        for argument in self.arguments:
            annotation = argument.annotation
            if (
                argument.name == name
                and isinstance(annotation, type)
                and issubclass(annotation, BaseModel)
            ):
                return dict(annotation.model_fields)
        return {}

    def resolve(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Check a recipe's values against the signature and fill in the defaults.

        Raises:
            pydantic.ValidationError: with every problem.
        """
        # Through JSON, because there pydantic's strict mode takes a list for a tuple, as YAML has no tuples.
        model = self.schema.model_validate_json(json.dumps(dict(values)), strict=True)
        return {argument.name: getattr(model, argument.name) for argument in self.arguments}

    def create(self, arguments: Mapping[str, Any], **supplied: Any) -> Any:
        """Call the factory with the recipe's arguments and those that the experiment supplies.

        Raises:
            ZooError: if it needs a module that is not installed; says how to install it.
        """
        if self.to_install:
            raise ZooError(
                f"the {self.kind.title} {self.name} needs the library {self.needs}, which is not installed; "
                f"install it with: {self.to_install}"
            )
        return self.target(**supplied, **arguments)

    def in_run(self, arguments: Mapping[str, Any], run: Path) -> dict[str, Any]:
        """Return arguments with the paths of those that are annotated as `RunPath` below a run directory.

        Args:
            arguments: checked ones.
            run: the directory.
        """
        paths = {argument.name for argument in self.arguments if argument.in_run}
        return {
            name: str(run / value) if name in paths and value is not None else value
            for name, value in arguments.items()
        }


def _in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _hints(target: Any) -> dict[str, Any]:
    function = target.__init__ if inspect.isclass(target) else target
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError):
        # Names that are imported for type checkers only cannot be looked up here; such arguments are taken as they are.
        return {}
