"""What translates, named so that any process can open it: a run or an export, and how it is to translate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.pictures import PictureFormat
from zoo.translation.jobs import Job
from zoo.translation.video import is_video, translate_video

if TYPE_CHECKING:
    from zoo.export.opened import Export
    from zoo.runs.run import Run
    from zoo.translation.translator import Progress, Translator


@dataclass(frozen=True)
class Opening:
    """A run or an export that translates.

    Args:
        path: of a run directory, or the beginning of its name; or of an export's folder.
        inverse: whether to translate from target to source.
        batch_size: tiles in one call of the network.
        overlap: least share of a tile in common with the next.
        plugins: modules and files beside the installed plugins.
        threads: that an export's runtime may use; None leaves it to the runtime.
    """

    path: str
    inverse: bool = False
    batch_size: int = 1
    overlap: float = 0.25
    plugins: tuple[str, ...] = ()
    threads: int | None = None

    def formats(self) -> tuple[PictureFormat, PictureFormat]:
        """Return the formats of sources and results, without importing a backend.

        Raises:
            ZooError: if the path is neither a run nor an export, or an export is to be inverted.
        """
        opened = self._open()
        source, target = opened.source_format, opened.target_format
        return (target, source) if self.inverse else (source, target)

    def translator(self) -> Translator:
        """Open it; imports what it runs with.

        Raises:
            ZooError: if it cannot be opened.
        """
        from zoo.plugins import load_host
        from zoo.runs.run import Run, run_translator

        # Layers of plugins register themselves with Keras.
        load_host(self.plugins)
        opened = self._open()
        options = {"batch_size": self.batch_size, "overlap": self.overlap}
        if isinstance(opened, Run):
            return run_translator(opened, inverse=self.inverse, **options)
        return opened.translator(threads=self.threads, **options)

    def _open(self) -> Run | Export:
        from zoo.export.opened import is_export, load_export
        from zoo.runs.run import load_run

        if not is_export(Path(self.path)):
            return load_run(self.path)
        if self.inverse:
            raise ZooError(
                f"{self.path} is an export, which translates one way; "
                "export the other with: zoo export RUN --inverse"
            )
        return load_export(self.path, plugins=self.plugins)


def translate_jobs(
    translator: Translator, jobs: Iterable[Job], progress: Progress | None = None
) -> Iterator[Job]:
    """Translate pictures and videos; yield each job when its result is written.

    Args:
        translator: what translates.
        jobs: as `zoo.translation.jobs.collect` makes them.
        progress: told after each band of tiles, and after each frame.
    """
    for videos, some in groupby(jobs, key=lambda job: is_video(job[0])):
        if not videos:
            yield from translator.translate_files(some, progress)
            continue
        for source, written in some:
            translate_video(translator, source, written, progress)
            yield source, written
