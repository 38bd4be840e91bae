"""`zoo train` and `zoo resume`."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.output import warn_of_problems
from zoo.plugins import Host


@click.command("train")
@click.argument("recipe")
@click.argument("overrides", nargs=-1, metavar="[KEY.PATH=VALUE]...")
@click.option(
    "--runs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder in which the run directory is made.",
)
@click.pass_obj
def train(host: Host, recipe: str, overrides: tuple[str, ...], root: Path) -> None:
    """Train RECIPE, a name ('zoo recipes') or the path of a YAML file.

    KEY.PATH=VALUE changes keys of the recipe, as in training.epochs=5. The first Ctrl-C ends the epoch's
    bookkeeping and leaves a usable run; 'zoo resume' goes on with it.
    """
    warn_of_problems(host)
    from zoo.recipe.load import load_recipe

    loaded = load_recipe(recipe, *overrides, host=host, strict=False)
    from zoo.training.train import train as train_recipe

    train_recipe(loaded, root=root, say=click.echo)


@click.command("resume")
@click.argument("run")
@click.argument("overrides", nargs=-1, metavar="[KEY.PATH=VALUE]...")
@click.pass_obj
def resume(host: Host, run: str, overrides: tuple[str, ...]) -> None:
    """Go on with RUN, a run directory, from its last checkpoint to the recipe's last epoch.

    training.epochs=40 trains longer. What a run lacks that was killed while it ended is written.
    """
    warn_of_problems(host)
    from zoo.training.train import resume as resume_run

    resume_run(run, *overrides, host=host, say=click.echo)
