"""`zoo translate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output import checkpoint_option
from zoo.plugins import Host

if TYPE_CHECKING:
    from zoo.runs.run import Checkpoint
    from zoo.translation.job import Job


@click.command("translate")
@click.argument("run", metavar="RUN_OR_EXPORT")
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
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Tiles, or small pictures, that go through the network at a time.",
)
@click.option(
    "--overlap",
    type=click.FloatRange(0, 0.9),
    default=0.25,
    show_default=True,
    help="Least share of a tile in common with the next, of pictures larger than the network's.",
)
@click.option("--resume", is_flag=True, help="Leave out pictures whose result is there already.")
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that share the pictures; each loads the network.",
)
@checkpoint_option
@click.pass_obj
def translate(
    host: Host,
    run: str,
    pictures: tuple[Path, ...],
    out: Path,
    inverse: bool,
    batch_size: int,
    overlap: float,
    resume: bool,
    processes: int,
    checkpoint: Checkpoint,
) -> None:
    """Translate pictures of any size with a run directory or an export; each keeps its size and name.

    Beside pictures and folders take patterns in quotes, such as 'photos/**/*.jpg', and videos (mp4, mov, mkv, webm,
    avi, gif), which need the extra 'video'. Pictures must have the bit depth and channels of those that the network was
    trained on; the translated ones are written like its targets. TIFF and NumPy files may be larger than memory, and
    become tiled TIFF files.
    """
    from zoo.export.loading import load_model
    from zoo.translation.jobs import collect
    from zoo.translation.translation import Translation, translate_jobs

    # All but the network: what is wrong is found out before the backend is imported, which takes seconds.
    translation = Translation(
        load_model(run, host=host, checkpoint=checkpoint), inverse, batch_size, overlap
    )
    jobs = collect(pictures, out, formats=translation.formats, resume=resume)
    if not jobs:
        click.echo(f"zoo: all results are in {out} already", err=True)
        return
    with _bar(len(jobs)) as bar:
        if processes > 1:
            from zoo.translation.processes import translate_in_processes

            done = translate_in_processes(translation, jobs, processes)
        else:
            done = translate_jobs(translation.translator(), jobs, bar.part)
        for source, written in done:
            bar.job((source, written))


class _Bar:
    """Says how far all jobs are, in jobs and parts of one."""

    def __init__(self, bar: Any) -> None:
        self.bar = bar
        self.done = 0

    def part(self, source: Path, done: int, count: int) -> None:
        """Move the bar within a job."""
        self._move(self.done + done / count, source)

    def job(self, job: Job) -> None:
        """Say that a job is done."""
        source, written = job
        self.done += 1
        self._move(self.done, source)
        # Where both go to a terminal, the bar is lifted, and drawn again below.
        with self.bar.external_write_mode(file=sys.stdout):
            click.echo(f"{source} -> {written}")

    def _move(self, done: float, source: Path) -> None:
        self.bar.set_description_str(f"{self.done}/{self.bar.total} | {source.name}", refresh=False)
        self.bar.update(done - self.bar.n)


@contextmanager
def _bar(jobs: int) -> Iterator[_Bar]:
    from tqdm import tqdm

    with tqdm(
        total=jobs,
        disable=not sys.stderr.isatty(),
        bar_format="{percentage:3.0f}% {bar:20} {desc} | {remaining} left",
        dynamic_ncols=True,
        leave=False,
        mininterval=0.2,
    ) as bar:
        yield _Bar(bar)
