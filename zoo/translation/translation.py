"""A trained model and how it is to translate, so that any process can do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from zoo.pictures import Formats
from zoo.translation.job import Job, Progress
from zoo.translation.trained import TrainedModel
from zoo.translation.video import is_video, translate_video

if TYPE_CHECKING:
    from zoo.translation.translator import Translator


@dataclass(frozen=True)
class Translation:
    """How a trained model translates.

    Args:
        model: a run or an export.
        inverse: whether to translate from target to source.
        batch_size: tiles in one call of the network.
        overlap: least share of a tile in common with the next.
        threads: that an export's runtime may use; None leaves it to the runtime.

    Raises:
        ZooError: if the model is to be inverted and translates one way only.
    """

    model: TrainedModel
    inverse: bool = False
    batch_size: int = 1
    overlap: float = 0.25
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.inverse:
            self.model.require_inverse()

    @property
    def formats(self) -> Formats:
        """The formats of sources and results; known without importing a backend."""
        return self.model.formats.reversed if self.inverse else self.model.formats

    def translator(self) -> Translator:
        """Return what translates; loads the network.

        Raises:
            ZooError: if it cannot be loaded.
        """
        return self.model.translator(
            inverse=self.inverse,
            threads=self.threads,
            batch_size=self.batch_size,
            overlap=self.overlap,
        )


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
