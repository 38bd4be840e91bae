"""What a generator paints: the same for every source, or the source itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.training.guards.reporter import Reporter

if TYPE_CHECKING:
    from zoo.models.translation_model import TranslationModel

# Sample grids in a row, and steps, before anything is said: at first every generator paints nothing in particular.
GRIDS, STEPS = 3, 500
# Of the spread that targets have over the samples, what outputs have at least. Both are standard deviations.
SPREAD = 0.02
# Of the distance between sources and targets, how far outputs are from sources at least. Both are mean absolute errors.
DISTANCE = 0.05
# Less than this, of a range of 2, is no difference to go by: half a step of 8 bits.
NOTHING = 1 / 255


class WatchOutputs:
    """Looks at the samples of a training that a sample grid shows; the networks do not run again for it.

    Args:
        model: names the columns that show what was translated, by `translations`.
        reporter: takes the warnings.
    """

    def __init__(self, model: TranslationModel, reporter: Reporter) -> None:
        self.model = model
        self.reporter = reporter
        self._collapsed: dict[str, int] = {}
        self._copied: dict[str, int] = {}

    def __call__(self, epoch: int, columns: Mapping[str, np.ndarray], path: Path) -> None:
        """Warn of what was seen in so many grids in a row, once the training is no longer young.

        Args:
            epoch: epochs trained; the untrained network of epoch 0 is not judged.
            columns: pictures (N, H, W, C) in [-1, 1], by their labels.
            path: the grid.
        """
        if epoch == 0:
            return
        for label, source, target in self.model.translations:
            if not {label, source, target} <= columns.keys():
                continue
            pictures = columns[source], columns[label], columns[target]
            _count(self._collapsed, label, collapsed(*pictures))
            _count(self._copied, label, copied(*pictures))
        step = int(self.model.optimizer.iterations)
        if step < STEPS:
            return
        if same := _long(self._collapsed):
            self.reporter.warn(
                "generator_collapsed",
                f"the column '{same}' of {path.name} shows the same picture for different sources, and has for {GRIDS} "
                "grids: the generator has collapsed; try a lower learning rate, a larger weight of a loss that "
                "compares with the target (losses.reconstruction), or another losses.adversarial",
                epoch=epoch,
                step=step,
            )
        else:
            self.reporter.clear("generator_collapsed")
        if same := _long(self._copied):
            self.reporter.warn(
                "identity_learned",
                f"the column '{same}' of {path.name} shows the sources as they are, and has for {GRIDS} grids: the "
                "generator copies; see that sources and targets are not mixed up, and try a larger weight of "
                "losses.adversarial or smaller ones of what keeps pictures as they are",
                epoch=epoch,
                step=step,
            )
        else:
            self.reporter.clear("identity_learned")


def collapsed(source: np.ndarray, translated: np.ndarray, target: np.ndarray) -> bool:
    """Return whether different sources, whose targets differ, are translated to one picture.

    Args:
        source: (N, H, W, C) in [-1, 1].
        translated: of the target's shape.
        target: (N, H, W, C), whose spread is that of what should be painted, of the same examples or not.
    """
    wanted = spread(target)
    if spread(source) < NOTHING or wanted < NOTHING:
        return False
    return spread(translated) < SPREAD * wanted


def copied(source: np.ndarray, translated: np.ndarray, target: np.ndarray) -> bool:
    """Return whether sources are translated to themselves, though their targets are others; see `collapsed`."""
    if not source.shape == translated.shape == target.shape:
        return False
    wanted = _distance(source, target)
    return wanted >= NOTHING and _distance(source, translated) < DISTANCE * wanted


def spread(pictures: np.ndarray) -> float:
    """Return how much pictures (N, H, W, C) differ: the root of their mean variance over N; 0 for a single one."""
    return float(np.sqrt(np.var(pictures, axis=0, dtype=np.float64).mean()))


def _distance(some: np.ndarray, others: np.ndarray) -> float:
    return float(np.abs(some - others).mean())


def _count(grids: dict[str, int], label: str, seen: bool) -> None:
    grids[label] = grids.get(label, 0) + 1 if seen else 0


def _long(grids: Mapping[str, int]) -> str:
    """Return the first column that was seen for long; empty if none was."""
    return next((label for label, count in grids.items() if count >= GRIDS), "")
