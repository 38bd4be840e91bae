"""`zoo runs`."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.output import json_option, print_columns, print_json
from zoo.runs.run import Run, list_runs


@click.command("runs")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("runs"), required=False
)
@json_option
def runs(folder: Path, as_json: bool) -> None:
    """List the runs below FOLDER (runs/ by default), oldest first, with their figures."""
    found = list_runs(folder)
    if as_json:
        print_json([{"path": str(run.path), **run.metrics} for run in found])
    elif not found:
        click.echo(f"there is no run below {folder}; make one with: zoo train earth")
    else:
        print_columns([("run", "status", "epochs", "figures"), *map(_row, found)], indent="")


def _row(run: Run) -> tuple[str, str, str, str]:
    figures = [f"{name} {run.metrics[name]:.4g}" for name in ("psnr", "l1") if name in run.metrics]
    status = run.metrics.get("status", "unfinished")
    return str(run.path), status, str(run.metrics.get("epochs", "–")), ", ".join(figures)
