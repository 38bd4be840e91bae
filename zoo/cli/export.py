"""`zoo export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.backend import use_backend
from zoo.cli.output import checkpoint_option
from zoo.errors import ZooError
from zoo.plugins import Host

if TYPE_CHECKING:
    from zoo.runs.run import Checkpoint


@click.command("export")
@click.argument("run")
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--format",
    "formats",
    multiple=True,
    required=True,
    metavar="NAME",
    help="An exporter, one of 'zoo list exporters'; may be given more than once.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write; otherwise export/ in the run.",
)
@click.option("--name", default="", help="Name of the model, as a server shows it.")
@click.option("--inverse", is_flag=True, help="Export the network from target to source.")
@click.option(
    "--pictures",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PICTURE_OR_FOLDER",
    help="Sources to judge the export by, in place of those the run keeps; may be given more than once.",
)
@checkpoint_option
@click.pass_obj
def export(
    host: Host,
    run: str,
    arguments: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    name: str,
    inverse: bool,
    pictures: tuple[Path, ...],
    checkpoint: Checkpoint,
) -> None:
    """Export the network of RUN, open it with its own runtime, and prove that it paints the same pictures.

    KEY=VALUE are arguments of the exporter, as in precision=int8; 'zoo show exporter NAME' has them.
    """
    from zoo.runs.run import load_run

    opened = load_run(run, host=host, checkpoint=checkpoint)
    if out is not None and len(formats) > 1:
        raise ZooError("--out names one folder, and there are several formats; leave it out")
    values = _values(arguments)
    # All runtimes are fed from one backend; weights are the same on all of them.
    use_backend("tensorflow")
    from zoo.export.export import export_run

    for format_name in formats:
        export_run(
            opened,
            format_name,
            values,
            out=out,
            name=name,
            inverse=inverse,
            pictures=pictures,
            host=host,
            say=click.echo,
        )


def _values(arguments: tuple[str, ...]) -> dict[str, Any]:
    from zoo.recipe.document import parse_value

    values = {}
    for word in arguments:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise ZooError(f"'{word}' is not an argument; expected KEY=VALUE, as in precision=int8")
        try:
            values[key] = parse_value(text)
        except ValueError as error:
            raise ZooError(f"{word}: {error}") from error
    return values
