"""What the history of a training shows: a discriminator that is too strong, held-out figures that get worse."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras

from zoo.runs import files
from zoo.runs.formatting import number
from zoo.runs.history import read_history
from zoo.training.guards.reporter import Reporter
from zoo.training.guards.strength import Duel, Levels, duels, levels_of, too_strong
from zoo.training.guards.worsening import worsening

# Of 1, and in how many epochs in a row; docs/troubleshooting.md says what ordinary trainings have.
STRENGTH, EPOCHS = 0.98, 3
# The figure that checkpoints/best.keras goes by.
KEPT = "val_psnr"


class WatchHistory(keras.callbacks.Callback):
    """Looks at the history after every epoch; belongs after the callback that writes it.

    Everything is read from the file, so that a resumed training warns as one that was never stopped.

    Args:
        run: the run directory.
        reporter: takes the warnings.
        epochs: of the whole training.
    """

    def __init__(self, run: Path, reporter: Reporter, *, epochs: int) -> None:
        super().__init__()
        self.run = run
        self.reporter = reporter
        self.epochs = epochs
        self._duels: list[Duel] = []
        self._levels: Levels | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Find who faces whom, and what their objective means."""
        objective = getattr(self.model, "adversarial", None)
        self._duels = duels(self.model.loss_names)
        self._levels = None
        if objective and self._duels and self.reporter.wants("discriminator_too_strong"):
            self._levels = levels_of(objective)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Warn of what the epochs so far show."""
        rows = [
            {name: float(cell) if cell else math.nan for name, cell in row.items()}
            for row in read_history(self.run / files.HISTORY)
        ]
        self._judge_discriminators(rows)
        self._judge_held_out(rows)

    def _judge_discriminators(self, rows: list[dict[str, float]]) -> None:
        levels = self._levels
        if levels is None:
            return
        strong = [
            duel
            for duel in self._duels
            if too_strong(rows, duel, levels, strength=STRENGTH, epochs=EPOCHS)
        ]
        if not strong:
            self.reporter.clear("discriminator_too_strong")
            return
        names = " and ".join(f"'{duel.discriminator}'" for duel in strong)
        duel, last = strong[0], rows[-1]
        self.reporter.warn(
            "discriminator_too_strong",
            f"{names} has told real pictures from fakes almost without a mistake for {EPOCHS} epochs "
            f"({duel.real} {number(last[duel.real])}, {duel.fake} {number(last[duel.fake])}), while "
            f"{duel.generator} did not fall ({number(last[duel.generator])}), so that the generator learns little from "
            "it: try a lower optimizers.discriminator.learning_rate, discriminator.spectral_norm=true, fewer "
            "discriminator.filters or layers, or losses.adversarial.label_smoothing=0.1",
            epoch=int(last["epoch"]),
            step=int(last["step"]),
        )

    def _judge_held_out(self, rows: list[dict[str, float]]) -> None:
        if not self.reporter.wants("worsening"):
            return
        directions = _directions(self.model)
        figure = KEPT if KEPT in directions else next(iter(directions), "")
        told = [
            (int(row["epoch"]), row[figure])
            for row in rows
            if math.isfinite(row.get(figure, math.nan))
        ]
        seen = worsening(told, self.epochs, higher_is_better=directions.get(figure, True))
        if seen is None:
            self.reporter.clear("worsening")
            return
        kept = (
            f"; that epoch's generator is kept in {self.run / files.BEST}"
            if figure == KEPT and (self.run / files.BEST).is_file()
            else ""
        )
        self.reporter.warn(
            "worsening",
            f"{figure} was best in epoch {seen.best} ({number(seen.figure)}), {seen.ago} epochs ago, and has been "
            f"worse ever since ({number(told[-1][1])} now){kept}: stop here, or try more pictures, more augmentation, "
            "a smaller generator or a falling learning rate",
            epoch=int(rows[-1]["epoch"]),
            step=int(rows[-1]["step"]),
        )


def _directions(model: keras.Model) -> dict[str, bool]:
    """Return whether a higher figure is better, for each held-out figure that says so, in their order."""
    found = {}
    for metric in model.metrics:
        for inner in getattr(metric, "metrics", None) or [metric]:
            direction = getattr(inner, "_direction", None)
            if direction:
                found[f"val_{inner.name}"] = direction == "up"
    return found
