"""`zoo train` and `zoo resume`."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from zoo.cli.output import warn_of_problems
from zoo.plugins import Host
from zoo.runs.run import Run

open_option: Callable[[Any], Any] = click.option(
    "--open",
    "opened",
    is_flag=True,
    help="Open the report in a browser; it follows the training.",
)

track_option: Callable[[Any], Any] = click.option(
    "--track",
    multiple=True,
    metavar="NAME",
    help="Tracker that the recipe's callbacks are to name too, as mlflow; may be given more than once. "
    "'zoo list callbacks' shows them.",
)


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
@track_option
@open_option
@click.pass_obj
def train(
    host: Host,
    recipe: str,
    overrides: tuple[str, ...],
    root: Path,
    track: tuple[str, ...],
    opened: bool,
) -> None:
    """Train RECIPE, a name ('zoo recipes') or the path of a YAML file.

    KEY.PATH=VALUE changes keys of the recipe, as in training.epochs=5; KEY.PATH+=VALUE adds to a list of it. The
    first Ctrl-C ends the epoch's bookkeeping and leaves a usable run; 'zoo resume' goes on with it.
    """
    warn_of_problems(host)
    from zoo.recipe.load import load_recipe

    loaded = load_recipe(recipe, *overrides, host=host, strict=False)
    from zoo.training.tracking import tracking
    from zoo.training.train import train as train_recipe

    if words := tracking(loaded, track):
        loaded = load_recipe(recipe, *overrides, *words, host=host, strict=False)
    with _shown(opened) as began:
        train_recipe(loaded, root=root, say=click.echo, began=began)


@click.command("resume")
@click.argument("run")
@click.argument("overrides", nargs=-1, metavar="[KEY.PATH=VALUE]...")
@track_option
@open_option
@click.pass_obj
def resume(
    host: Host, run: str, overrides: tuple[str, ...], track: tuple[str, ...], opened: bool
) -> None:
    """Go on with RUN, a run directory, from its last checkpoint to the recipe's last epoch.

    training.epochs=40 trains longer. What a run lacks that was killed while it ended is written. A tracker that is
    named here first is told of the earlier epochs too.
    """
    warn_of_problems(host)
    from zoo.training.train import resume as resume_run

    with _shown(opened) as began:
        resume_run(run, *overrides, track=track, host=host, say=click.echo, began=began)


@contextmanager
def _shown(wanted: bool) -> Iterator[Callable[[Run], None]]:
    """Give what shows a run in a browser once it has begun, for as long as it is trained, if that is wanted."""
    with ExitStack() as served:

        def began(run: Run) -> None:
            if wanted:
                from zoo.report.watch import Watcher

                watcher = served.enter_context(Watcher(run.path).beside())
                click.echo(f"watch it at {watcher.address}")
                webbrowser.open(watcher.address)

        yield began
