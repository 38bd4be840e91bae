"""`zoo translate`."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.quiet import start_backend


@click.command("translate")
@click.argument("run")
@click.argument(
    "pictures",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    metavar="PICTURE_OR_FOLDER...",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the translated pictures; made if it is missing.",
)
@click.option(
    "--inverse",
    is_flag=True,
    help="Translate target to source, with a model that learned both ways.",
)
def translate(run: str, pictures: tuple[Path, ...], out: Path, inverse: bool) -> None:
    """Translate pictures of any size with RUN, a run directory; each keeps its size and name.

    They must have the bit depth and channels of the pictures that RUN was trained on; the translated ones
    are written like its targets.
    """
    from zoo.runs import load_run

    # Found out before the backend is imported, which takes seconds.
    opened = load_run(run)
    from zoo.translate import collect

    formats = (opened.source_format, opened.target_format)
    source_format, target_format = reversed(formats) if inverse else formats
    jobs = collect(pictures, out, source_format=source_format, target_format=target_format)
    start_backend()
    translator = opened.inverse_translator if inverse else opened.translator
    for source, written in translator.translate_files(jobs):
        click.echo(f"{source} -> {written}")
