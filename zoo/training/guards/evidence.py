"""What is kept of a step that broke a training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from zoo.pictures import Formats
from zoo.runs import files
from zoo.runs.run import Run
from zoo.training.callbacks.divergence import Divergence
from zoo.training.experiment import Experiment
from zoo.training.guards.reporter import Reporter, place

# Pictures of a batch that are written to be looked at; `batch.npz` has all of them.
MOST = 16


class Evidence:
    """Keeps the batch that a training broke in, and says what is left of the run.

    Args:
        experiment: what is trained; its loader gives the same batch again.
        run: where it is kept, below `diverged/`.
        reporter: gets the line of the run's warnings.
    """

    def __init__(self, experiment: Experiment, run: Run, reporter: Reporter) -> None:
        self.experiment = experiment
        self.run = run
        self.reporter = reporter

    def __call__(self, found: Divergence) -> str:
        """Write the batch and return what to say of it, as the end of a sentence."""
        loader = self.experiment.train_data
        loader.epoch = found.epoch
        batch = loader.rest(found.last)[0]
        folder = self.run.path / files.DIVERGED
        keep_batch(folder, batch, self.experiment.dataset.formats)
        broken = [name for name, part in batch.items() if not np.isfinite(part).all()]
        said = [f"the batch of that step is kept in {folder}"]
        if broken:
            said[0] += f", and its {' and its '.join(broken)} hold values that are no numbers"
        last = self.run.path / files.LAST
        said.append(
            f"the checkpoint from before it is untouched: {last}"
            if last.is_file()
            else "no checkpoint had been saved before it"
        )
        words = f"; {'; '.join(said)}"
        step = found.epoch * self.experiment.steps_per_epoch + found.last + 1
        self.reporter.write("diverged", f"{found.message}{words}", epoch=found.epoch + 1, step=step)
        return f"{words} ({place('diverged')})"


def keep_batch(folder: Path, batch: Mapping[str, np.ndarray], formats: Formats) -> None:
    """Write a batch as it is, `batch.npz`, and its first pictures as files: `source-0001.png`, `target-0001.png`, ….

    Args:
        folder: made if it is missing.
        batch: as a loader gives it.
        formats: of sources and targets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "batch.npz", **dict[str, Any](batch))
    for side in ("source", "target"):
        form = formats.of(side)
        for number, picture in enumerate(batch[side][:MOST], start=1):
            written = form.from_network(np.nan_to_num(picture, nan=-1.0))
            form.write(folder / f"{side}-{number:04d}{form.suffix}", written)
