"""What commands print: aligned columns for people, JSON for programs."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import click

from zoo.plugins import Host

json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs."
)
checkpoint_option: Callable[[Any], Any] = click.option(
    "--checkpoint",
    type=click.Choice(["last", "best"]),
    default="last",
    show_default=True,
    help="Whose epoch's generator of a run: the last one's, or that of the best by checkpoints.best.",
)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> None:
    """Print rows with aligned columns; the last column is wrapped at the terminal's width."""
    if not rows:
        return
    width = max(shutil.get_terminal_size((100, 24)).columns, 60)
    fixed = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, fixed, strict=False)]
        start = indent + "  ".join([*cells, ""])
        lines = textwrap.wrap(row[-1], max(width - len(start), 20)) or [""]
        click.echo((start + lines[0]).rstrip())
        for line in lines[1:]:
            click.echo(" " * len(start) + line)


def warn_of_problems(host: Host) -> None:
    """Tell on standard error what is wrong with plugins."""
    for problem in host.problems:
        click.echo(f"zoo: warning: {problem}", err=True)
