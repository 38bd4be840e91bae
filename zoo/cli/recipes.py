"""`zoo recipes`, `zoo validate`, `zoo copy` and `zoo schema`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from zoo.cli.output import json_option, print_columns, print_json, warn_of_problems
from zoo.errors import ZooError
from zoo.plugins import Host

SCHEMA_FILE = "recipe.schema.json"
SCHEMA_LINE = f"# yaml-language-server: $schema=./{SCHEMA_FILE}\n"


@click.command("recipes")
@json_option
@click.pass_obj
def recipes(host: Host, as_json: bool) -> None:
    """List the recipes that 'zoo train' runs by name."""
    found = list(host.registry.components("recipe"))
    if as_json:
        print_json(
            [
                {
                    "name": item.name,
                    "summary": item.summary,
                    "provider": item.provider,
                    "path": str(item.factory),
                }
                for item in found
            ]
        )
    else:
        print_columns([(item.name, item.provider, item.summary) for item in found], indent="")
    warn_of_problems(host)


@click.command("validate")
@click.argument("recipe")
@click.argument("overrides", nargs=-1, metavar="[KEY.PATH=VALUE]...")
@click.option("--resolved", is_flag=True, help="Print the recipe with every default written out.")
@click.pass_obj
def validate(host: Host, recipe: str, overrides: tuple[str, ...], resolved: bool) -> None:
    """Check RECIPE without training: keys, names, types, the data, and whether the parts fit together."""
    warn_of_problems(host)
    from zoo.recipe.load import load_recipe

    loaded = load_recipe(recipe, *overrides, host=host, strict=False)
    from zoo.training.assembly import assemble

    experiment = assemble(loaded)
    if resolved:
        click.echo(loaded.to_yaml(), nl=False)
        return
    click.echo(f"{recipe} is valid: {experiment.dataset.summary}")
    for note in experiment.notes:
        click.echo(note)
    for name, player in experiment.model.players.items():
        count = sum(network.count_params() for network in player.networks)
        click.echo(f"{name}: {count / 1e6:.2f} million weights")
    click.echo(f"{experiment.epochs} epochs of {experiment.steps_per_epoch} steps")


@click.command("copy")
@click.argument("recipe")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.pass_obj
def copy(host: Host, recipe: str, path: Path, force: bool) -> None:
    """Copy RECIPE to PATH, with its comments, to make it your own.

    The schema that editors use to complete and check it is written beside it.
    """
    from zoo.recipe.merge import find_recipe

    source = find_recipe(recipe, host.registry)
    if path.suffix not in (".yaml", ".yml"):
        raise ZooError(f"cannot copy to {path}: a recipe's name ends in .yaml")
    if path.exists() and not force:
        raise ZooError(f"{path} exists already; choose another name, or --force to replace it")
    text = without_schema_line(source.read_text(encoding="utf-8"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SCHEMA_LINE + text, encoding="utf-8")
        schema = path.parent / SCHEMA_FILE
        schema.write_text(schema_text(host), encoding="utf-8")
    except OSError as error:
        raise ZooError(f"cannot write to {path.parent}: {error.strerror}") from error
    click.echo(f"wrote {path} and {schema}; run it with: zoo train {path}")


def without_schema_line(text: str) -> str:
    """Return a recipe's text without the line that tells editors where the schema is."""
    return re.sub(r"^# yaml-language-server:.*\n", "", text)


@click.command("schema")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a file instead of printing.",
)
@click.pass_obj
def schema(host: Host, out: Path | None) -> None:
    """Print the JSON Schema of recipes, with every installed component and its arguments."""
    if out is None:
        click.echo(schema_text(host), nl=False)
    else:
        out.write_text(schema_text(host), encoding="utf-8")
        click.echo(f"wrote {out}")


def schema_text(host: Host) -> str:
    """The JSON Schema as text."""
    from zoo.recipe.json_schema import recipe_schema

    return json.dumps(recipe_schema(host), indent=2, ensure_ascii=False) + "\n"
