"""`zoo list`, `zoo show` and `zoo plugins`: what is installed, from where, and what it takes."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click

from zoo.cli.output import json_option, print_columns, print_json, warn_of_problems
from zoo.cli.recipes import without_schema_line
from zoo.errors import ZooError
from zoo.plugins import Host
from zoo.registry.component import Component
from zoo.registry.kinds import KINDS, WITHOUT_ARGUMENTS
from zoo.registry.registry import Registry


def _arxiv(paper: str) -> str:
    return f"arXiv:{paper}" if paper else ""


def _summary_row(component: Component) -> dict[str, str]:
    return {
        "kind": component.kind.name,
        "name": component.name,
        "summary": component.summary,
        "provider": component.provider,
        "paper": component.paper,
        "to_install": component.to_install,
    }


def _missing(component: Component) -> str:
    return f"[not installed: {component.to_install}]" if component.to_install else ""


@click.command("list")
@click.argument("kind", required=False)
@json_option
@click.pass_obj
def list_components(host: Host, kind: str | None, as_json: bool) -> None:
    """List components, all or of one KIND (generators, losses, datasets, …)."""
    kinds = [Registry.kind(kind)] if kind else [item for item in KINDS if item.name != "command"]
    found = [component for item in kinds for component in host.registry.components(item.name)]
    if as_json:
        print_json([_summary_row(component) for component in found])
    else:
        for item in kinds:
            click.echo(f"{item.plural}: {item.description}")
            rows = [
                (
                    component.name,
                    component.provider,
                    " ".join(
                        filter(
                            None, (component.summary, _arxiv(component.paper), _missing(component))
                        )
                    ),
                )
                for component in host.registry.components(item.name)
            ]
            print_columns(rows or [("(none installed)", "")])
    warn_of_problems(host)


@click.command("show")
@click.argument("kind")
@click.argument("name")
@json_option
@click.pass_obj
def show(host: Host, kind: str, name: str, as_json: bool) -> None:
    """Show the component NAME of a KIND: what it is, its arguments and defaults, who provides it, the paper.

    Of a recipe it shows the YAML text.
    """
    component = host.registry.get(Registry.kind(kind).name, name)
    description = _described(component)
    if as_json:
        print_json(description)
        return
    click.echo(f"{component.kind.title} {component.name}: {component.summary}")
    click.echo(f"provided by {component.provider} ({component.file})")
    if component.paper:
        click.echo(_arxiv(component.paper))
    if component.kind.name in WITHOUT_ARGUMENTS:
        click.echo(f"from {component.factory}")
        if component.kind.name == "recipe":
            click.echo(f"\n{_recipe_text(component)}", nl=False)
        return
    click.echo(f"\n{description['signature']}")
    if description["description"]:
        click.echo(f"\n{description['description']}")
    click.echo("\narguments:")
    rows = []
    for argument in component.listed_arguments:
        default = "required" if argument.required else f"default {argument.default!r}"
        rows.append((argument.name, argument.type_name, default, argument.description))
    print_columns(rows or [("(takes none)", "")])


def _described(component: Component) -> dict[str, Any]:
    described: dict[str, Any] = {**_summary_row(component), "file": component.file}
    if component.kind.name in WITHOUT_ARGUMENTS:
        text = {"text": _recipe_text(component)} if component.kind.name == "recipe" else {}
        return {**described, "source": str(component.factory), **text}
    docs = component.documentation
    return {
        **described,
        "signature": f"{component.name}{_signature(component)}",
        "description": "\n\n".join(filter(None, (docs.short_description, docs.long_description))),
        "arguments": [
            {
                "name": argument.name,
                "type": argument.type_name,
                "required": argument.required,
                "default": None if argument.required else argument.default,
                "description": argument.description,
            }
            for argument in component.listed_arguments
        ],
    }


def _recipe_text(component: Component) -> str:
    """The YAML of a recipe, without the line for editors."""
    try:
        return without_schema_line(Path(str(component.factory)).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ZooError(f"the recipe {component.factory} cannot be read: {error}") from error


def _signature(component: Component) -> str:
    shown = []
    for argument in component.arguments:
        default = "" if argument.default is inspect.Parameter.empty else f"={argument.default!r}"
        shown.append(f"{argument.name}{default}")
    return f"({', '.join(shown)})"


@click.command("plugins")
@json_option
@click.pass_obj
def plugins(host: Host, as_json: bool) -> None:
    """List plugins, what each provides, and what is wrong with them."""
    provided = {plugin.name: 0 for plugin in host.plugins}
    for kind in KINDS:
        for component in host.registry.components(kind.name):
            provided[component.provider] += 1
    if as_json:
        print_json(
            {
                "plugins": [
                    {**vars(plugin), "components": provided[plugin.name]} for plugin in host.plugins
                ],
                "problems": [vars(problem) for problem in host.problems],
            }
        )
        return
    print_columns(
        [
            (plugin.name, plugin.origin, _counted(provided[plugin.name]), plugin.file)
            for plugin in host.plugins
        ],
        indent="",
    )
    warn_of_problems(host)


def _counted(count: int) -> str:
    return "1 component" if count == 1 else f"{count} components"
