"""Writes the derived parts of the documentation; a test fails when a file is behind.

python docs/generate.py
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, get_origin

import command_page
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from table_row import row

import zoo
from zoo import hookspecs, load_host
from zoo.cli.recipes import SCHEMA_FILE, schema_text
from zoo.plugins import Host
from zoo.recipe.document import MOST_BYTES
from zoo.recipe.schema import COMPONENT_PLACES, ComponentSection, RecipeSchema
from zoo.recipe.yaml_text import MOST_DEPTH, MOST_VALUES
from zoo.registry.component import Component
from zoo.registry.kinds import KINDS, WITHOUT_ARGUMENTS
from zoo.registry.type_names import type_name

# What has no docstring of its own: types that are made of others, and a marker.
TEXTS = {
    "hookimpl": "Marks a function as the implementation of a hook.",
    "Register": "The type of `register`.",
    "Batch": "The type of a batch: tensors by name.",
    "Fakes": "The type of what `generate` returns: tensors by name.",
    "Losses": "The type of what a player's losses return: the objective, and named scalars.",
    "RunPath": "The type of an argument that names a file of the run directory; the component gets the whole path.",
    "STAND_INS": "What stands in for a test split that is not there.",
    "Initial": "How kernels start.",
    "Normalization": "The normalisations that networks know.",
    "Padding": "How convolutions continue a picture at its border.",
    "Upsampling": "How decoders double height and width.",
    "NO_LIMIT": "As `most` of `read_header`: pictures may have as many pixels as they like.",
    "RGB": "The format of plain colours, 8 bits each.",
    "SUFFIXES": "The ends of names of picture files.",
    "Source": "The type of what pictures are read from: a path, or a stream with a name.",
    "Tag": "The type of a TIFF tag.",
    "Pullback": "The type of what pulls a gradient back.",
    "StepTrainer": "What Keras's trainer calls on this backend, in terms of `learn` and `assess`.",
}
# Packages of the public API beside `zoo` itself, and what they hold.
PACKAGES = ("backend", "data", "networks", "pictures")
DOCS = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py from the code; change that, not this file. -->\n"


def files(host: Host) -> dict[Path, str]:
    """Return the derived files and what they should hold."""
    return {
        DOCS / "components.md": components(host),
        DOCS / "cli.md": f"{NOTE}\n{command_page.page(host)}",
        DOCS / "recipes.md": recipes(host),
        DOCS / "plugins.md": plugins(),
        DOCS / "api.md": api(),
        DOCS.parent / "recipes" / SCHEMA_FILE: schema_text(host),
    }


def components(host: Host) -> str:
    """Return the page of components."""
    lines = [NOTE, "# Components\n"]
    lines.append(
        "What a recipe can name, as `zoo list` and `zoo show KIND NAME` print it. "
        "Plugins that you install add theirs.\n"
    )
    for kind in KINDS:
        if kind.name in WITHOUT_ARGUMENTS:
            continue
        found = list(host.registry.components(kind.name))
        lines.append(f"## {kind.plural.replace('_', ' ').capitalize()}\n")
        lines.append(f"{kind.description[0].upper()}{kind.description[1:]}.\n")
        if not found:
            lines.append("None is built in.\n")
        for component in found:
            lines += _component(component)
    return "\n".join(lines)


def _component(component: Component) -> list[str]:
    paper = (
        f" [arXiv:{component.paper}](https://arxiv.org/abs/{component.paper})"
        if component.paper
        else ""
    )
    needs = f" Needs `{component.extra}`." if component.extra else ""
    lines = [
        f"### `{component.name}`\n",
        f"{component.summary}.{paper} Provided by `{component.provider}`.{needs}\n",
    ]
    if _is_keras(component):
        lines.append(
            f"This is `{component.factory}`; its arguments are Keras's.\n".replace(":", ".", 1)
        )
    elif component.arguments:
        lines += ["| argument | type | default | |", "| --- | --- | --- | --- |"]
        for argument in component.listed_arguments:
            default = "required" if argument.required else f"`{argument.default!r}`"
            lines.append(
                row(f"`{argument.name}`", f"`{argument.type_name}`", default, argument.description)
            )
        lines.append("")
    else:
        lines.append("Takes no arguments.\n")
    return lines


def api() -> str:
    """Return the page of the public API."""
    lines = [NOTE, "# The public API\n"]
    lines.append(
        "What users and plugins import; everything else may change with any version. The plugins of this repository "
        "use nothing else, and a test holds that. Each name is imported when it is used: `import zoo` alone imports no "
        "backend.\n"
    )
    for group, names in zoo.GROUPS.items():
        lines += _names(group, "zoo", zoo, names)
    for package in PACKAGES:
        module = importlib.import_module(f"zoo.{package}")
        first = (inspect.getdoc(module) or "").partition("\n")[0]
        lines += _names(f"`zoo.{package}`", f"zoo.{package}", module, module.__all__, f"{first}\n")
    return "\n".join(lines)


def _names(title: str, prefix: str, module: Any, names: Iterable[str], text: str = "") -> list[str]:
    lines = [f"## {title}\n", *([text] if text else []), "| name | |", "| --- | --- |"]
    for name in names:
        told = TEXTS.get(name) or _first_line(module, name)
        lines.append(row(f"`{prefix}.{name}`", told))
    return [*lines, ""]


def _first_line(module: Any, name: str) -> str:
    return (inspect.getdoc(getattr(module, name)) or "").partition("\n\n")[0]


def _is_keras(component: Component) -> bool:
    return str(component.factory).startswith("keras.")


def recipes(host: Host) -> str:
    """Return the page of recipe keys."""
    lines = [NOTE, "# Recipes\n"]
    lines.append(
        "A recipe is a YAML 1.2 file of the sections below. `zoo train NAME_OR_PATH key.path=value` changes keys on "
        "the command line; values are YAML, items of lists are numbered from 0 (`losses.reconstruction.0.weight=10`), "
        "and `evaluation.metrics+='{name: ssim}'` adds one. "
        "`extends` names a recipe that this one changes: mappings are laid over each other key by key, lists are "
        "replaced. Wherever another component is named, the arguments of the old one are dropped. "
        "`zoo show recipe NAME` prints a recipe.\n\n"
        f"YAML tags mean nothing, dates are text, and a file has at most {MOST_BYTES:,} bytes, {MOST_VALUES:,} values "
        f"and {MOST_DEPTH} levels. A mistake is told with file and line, or with the override that made it: "
        "`command line: training.epochs=abc`. Networks, batches and image pools that this machine's memory cannot hold "
        "are refused before anything is made.\n"
    )
    lines += ["| recipe | |", "| --- | --- |"]
    lines += [row(f"`{item.name}`", item.summary) for item in host.registry.components("recipe")]
    lines += ["", "## Keys\n", "| key | type | default | |", "| --- | --- | --- | --- |"]
    lines += _keys(RecipeSchema, ())
    return "\n".join([*lines, ""])


def _keys(model: type[BaseModel], prefix: tuple[str, ...]) -> list[str]:
    rows: list[str] = []
    for name, field in model.model_fields.items():
        key = (*prefix, name)
        annotation: Any = field.annotation
        place = next((place for place in COMPONENT_PLACES if place in (key, (*key, "*"))), None)
        if place is not None:
            kind = COMPONENT_PLACES[place]
            each = {list: "list of ", dict: "for each key "}.get(get_origin(annotation), "")
            article = "an" if kind[0] in "aeo" else "a"
            text = (
                f"{each}`name`{_weight(annotation)} and the arguments of "
                f"{article} {kind.replace('_', ' ')}"
            )
            rows.append(row(f"`{'.'.join(key)}`", text, _default(field), field.description))
        elif inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            rows += _keys(annotation, key)
        else:
            kind_name = type_name(Annotated[annotation, *field.metadata, None])
            rows.append(
                row(f"`{'.'.join(key)}`", f"`{kind_name}`", _default(field), field.description)
            )
    return rows


def _weight(annotation: Any) -> str:
    inner = getattr(annotation, "__args__", (annotation,))[0]
    weighted = inspect.isclass(inner) and "weight" in getattr(inner, "model_fields", ())
    return ", `weight`" if weighted else ""


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, ComponentSection):
        return f"`{field.default.name}`"
    return f"`{field.default!r}`" if field.default is not None else "none"


def plugins() -> str:
    """Return the page of hooks."""
    lines = [NOTE, "# Plugins\n"]
    lines.append(inspect.getdoc(hookspecs) or "")
    lines.append(
        "\nA recipe's keys become the factory's keyword arguments; those named below before `**arguments` come from "
        "the experiment. Arguments are read off the signature: annotate them (`Literal`, `Annotated` with pydantic's "
        "`Field` for ranges) and describe them under `Args:`, and `zoo show`, the checks and the editors' schema "
        "follow. A factory that cannot work with what it gets raises `ValueError` with a full sentence; where another "
        "part of the recipe is to blame, as a model may find, `zoo.ConflictError` with the key of that part.\n\n"
        "An installed package makes its plugin known by an entry point:\n\n"
        '```toml\n[project.entry-points.zoo]\nshallow = "shallow"\n```\n\n'
        "A plugin with a misspelt hook, a name that is taken or an error on import is named by `zoo plugins` with "
        "its file, and stops no other.\n"
    )
    lines += ["| hook | |", "| --- | --- |"]
    for kind in KINDS:
        hook = getattr(hookspecs, f"register_{kind.plural}")
        lines.append(row(f"`register_{kind.plural}(register)`", inspect.getdoc(hook)))
    lines.append(
        "\nThe types in these hooks, and what goes with them, are public: [docs/api.md](api.md) has them all."
    )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    for path, text in files(load_host()).items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(DOCS.parent))
