"""A recipe, assembled: a compiled model with its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.recipe.load import Recipe
from zoo.runs.best import Mode

if TYPE_CHECKING:
    import keras

    from zoo.data.dataset import Dataset
    from zoo.data.loader import Loader
    from zoo.models.translation_model import TranslationModel
    from zoo.schedules import FigureSchedule


@dataclass
class Experiment:
    """A recipe, assembled.

    Args:
        recipe: what it was assembled from.
        model: compiled; `model.fit(experiment.train_data, epochs=...)` trains it.
        dataset: where both loaders take their pictures.
        train_data: shuffled and augmented batches.
        test_data: held-out batches, always the same.
        figure_schedules: by player, what lowers its learning rate by held-out figures, if the recipe asks for it.
        notes: what is to be said of the data before training, a sentence each.
        best_mode: whether a higher or a lower figure of `checkpoints.best` is better.
    """

    recipe: Recipe
    model: TranslationModel
    dataset: Dataset
    train_data: Loader
    test_data: Loader
    figure_schedules: Mapping[str, FigureSchedule] = field(default_factory=dict)
    notes: Sequence[str] = ()
    best_mode: Mode = "max"

    @property
    def epochs(self) -> int:
        """Epochs that the recipe asks for."""
        return self.recipe.sections.training.epochs

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass over the training pictures."""
        return len(self.train_data)

    def __repr__(self) -> str:
        return (
            f"<Experiment {self.recipe.name}: {type(self.model).__name__}, {self.epochs} epochs of "
            f"{self.steps_per_epoch:,} steps>"
        )

    def _repr_html_(self) -> str:
        from zoo.notebook.html import facts, heading

        networks = {
            player: f"{sum(network.count_params() for network in found.networks):,} weights"
            for player, found in self.model.players.items()
        }
        size = self.train_data.batch_size
        training = f"{self.epochs} epochs of {self.steps_per_epoch:,} steps, {size} examples each"
        return heading(self.recipe.name, "experiment") + facts(
            [
                ("model", type(self.model).__name__),
                *networks.items(),
                ("data", self.dataset.summary),
                ("training", training),
                *(("note", note) for note in self.notes),
            ]
        )

    @property
    def trained_steps(self) -> int:
        """Steps that the model has been trained."""
        return int(self.model.optimizer.iterations)

    def callbacks(self, run: Path) -> list[keras.callbacks.Callback]:
        """Return new callbacks that the recipe asks for, beside those that make a run.

        Args:
            run: the run directory, in which they write.
        """
        built = []
        for _, choice in self.recipe.choices_of(("callbacks",)):
            component = choice.component
            built.append(component.create(component.in_run(choice.arguments, run)))
        return built
