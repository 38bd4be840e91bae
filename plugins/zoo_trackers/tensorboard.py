"""TensorBoard: event files in the run directory, alike on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

import zoo
from zoo import Experiment, Run
from zoo_trackers.contents import flat
from zoo_trackers.events import EventFile, figure_summary, picture_summary
from zoo_trackers.graphs import layer_graph
from zoo_trackers.tracker import Tracker

if TYPE_CHECKING:
    import keras


class TensorBoard(Tracker):
    """Writes event files, which `tensorboard --logdir runs` shows.

    Figures are scalars under the names that `history.csv` has, by epoch; sample grids are pictures; the recipe is a
    text and the hyperparameters; the networks of all players are one graph of layers.

    Args:
        log_dir: folder for the event files.
        histograms: epochs between two histograms of every weight; 0 writes none.
        graphs: whether the networks are drawn as graphs.
    """

    NAME = "tensorboard"

    def __init__(
        self,
        *,
        log_dir: zoo.RunPath = "tensorboard",
        histograms: Annotated[int, Field(ge=0)] = 0,
        graphs: bool = True,
    ) -> None:
        super().__init__()
        self.log_dir = Path(log_dir)
        self.histograms = histograms
        self.graphs = graphs
        self._events: EventFile | None = None

    def begin(self, run: Run, experiment: Experiment, id: str) -> str:
        """Open a new event file in the folder; the first one holds recipe and networks too."""
        from tensorboard.plugins.text.summary_v2 import text_pb

        self._events = EventFile(self.log_dir)
        if not id:
            recipe = (run.path / "recipe.yaml").read_text(encoding="utf-8")
            self._events.add(text_pb("recipe", f"```yaml\n{recipe}```"))
            self._events.add(text_pb("run directory", str(run.path.resolve())))
            if self.graphs:
                self._events.add_graph(layer_graph(_networks(experiment)))
        self._events.flush()
        return run.path.name

    def log(self, epoch: int, figures: dict[str, float], picture: Path | None) -> None:
        """Write scalars and the grid, as the PNG file that it is."""
        events = self._log_figures(figures, epoch)
        if picture is not None:
            events.add(picture_summary("samples", picture), epoch)
        events.flush()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Log the epoch, and the weights if it is their turn."""
        super().on_epoch_end(epoch, logs)
        if self.histograms and (epoch + 1) % self.histograms == 0:
            self._attempt(lambda: self._log_weights(epoch + 1))

    def finish(self, run: Run, figures: dict[str, float]) -> None:
        """Write the figures on held-out pictures and, which belongs to them, the hyperparameters."""
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        events = self._log_figures(figures, int(run.metrics["epochs"]))
        plain = (bool, int, float, str)
        recipe = {
            key: value if isinstance(value, plain) else str(value)
            for key, value in flat(run.recipe).items()
        }
        events.add(hparams_pb(recipe))
        events.close()

    def _log_figures(self, figures: dict[str, float], epoch: int) -> EventFile:
        assert self._events is not None
        for name, value in figures.items():
            self._events.add(figure_summary(name, value), epoch)
        return self._events

    def _log_weights(self, epoch: int) -> None:
        import keras
        from tensorboard.plugins.histogram.summary_v2 import histogram_pb

        assert self._events is not None
        for name, player in self.model.players.items():
            for variable in player.weights:
                values = keras.ops.convert_to_numpy(variable).astype("float64")
                self._events.add(histogram_pb(f"{name}/{variable.path}", values), epoch)
        self._events.flush()


def _networks(experiment: Experiment) -> dict[str, keras.Model]:
    """Return the networks of all players; of a player with several they are numbered."""
    return {
        name if len(player.networks) == 1 else f"{name}_{number}": network
        for name, player in experiment.model.players.items()
        for number, network in enumerate(player.networks, start=1)
    }
