"""`zoo watch` and `zoo compare`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from zoo.plugins import Host
from zoo.runs.run import load_run


@click.command("watch")
@click.argument("run")
@click.option(
    "--port",
    default=8502,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen at; 0 takes a free one.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser; only say the address.")
def watch(run: str, port: int, no_browser: bool) -> None:
    """Show the report of RUN, a run directory, in a browser; it follows a training that goes on, until Ctrl-C.

    Only this machine reaches it, and nothing is written.
    """
    from zoo.report.watch import Watcher

    directory = load_run(run).path
    watcher = Watcher(directory, port)
    try:
        click.echo(f"watching {directory} at {watcher.address}; Ctrl-C stops")
        if not no_browser:
            webbrowser.open(watcher.address)
        watcher.serve()
    except KeyboardInterrupt:
        click.echo("stopped")
    finally:
        watcher.close()


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("compare.html"),
    show_default=True,
    help="The page.",
)
@click.option(
    "--pictures",
    default=8,
    show_default=True,
    type=click.IntRange(0),
    help="Held-out pictures kept by the first run that each translates, at most; 0 loads no network.",
)
@click.pass_obj
def compare(host: Host, runs: tuple[str, ...], out: Path, pictures: int) -> None:
    """Compare RUNs on one page: figures, the same pictures side by side, curves, recipes.

    Figures of the others are compared with those of the first, picture by picture where both were measured on pictures
    of the same names.
    """
    from zoo.report.compare import write_comparison

    found = [load_run(run, host=host) for run in runs]
    for note in write_comparison(found, out, pictures=pictures):
        click.echo(f"zoo: warning: {note}", err=True)
    click.echo(f"wrote {out}")
