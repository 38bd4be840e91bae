"""Curves of a training: every column of its history over the epochs."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from zoo.runs.formatting import number
from zoo.runs.history import FIXED, read_history

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#2563eb", "#ea580c", "#059669", "#9333ea", "#dc2626", "#0891b2", "#a16207", "#475569")
WIDE_RANGE = 30.0


class CurvesFile(keras.callbacks.Callback):
    """Keeps a picture of the curves; belongs after the callback that writes the history.

    Args:
        history: the CSV file that `HistoryFile` writes.
        out: the picture, PNG.
        pause: least seconds between two drawings, so that short epochs are not slowed down; the
            last epoch is always drawn.
    """

    def __init__(self, history: Path, out: Path, *, pause: float = 20.0) -> None:
        super().__init__()
        self.history = Path(history)
        self.out = Path(out)
        self.pause = pause
        self._next = 0.0
        self._behind = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the curves if it is time."""
        self._behind = time.monotonic() < self._next
        if not self._behind:
            draw_curves(self.history, self.out)
            self._next = time.monotonic() + self.pause

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Draw the epochs since the last drawing, if there are any."""
        if self._behind:
            draw_curves(self.history, self.out)


def draw_curves(history: Path, out: Path) -> None:
    """Draw the columns of a history file in panels: generator, discriminator, each held-out figure.

    Columns named `val_…` are held-out figures; columns that speak of a discriminator or critic, or
    of real or fake pictures, are the discriminator's; all others are the generator's. A panel
    whose positive values span more than a factor of 30 has a logarithmic axis.

    Args:
        history: the CSV file written by `HistoryFile`, with at least one row.
        out: the picture, PNG; replaced whole.

    Raises:
        ValueError: if the history has no row.
    """
    # matplotlib takes half a second to import, and nothing else needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = read_history(history)
    if not rows:
        raise ValueError(f"{history} has no row to draw")
    epochs = [int(row["epoch"]) for row in rows]
    curves = {
        name: [float(row[name]) if row[name] else math.nan for row in rows]
        for name in rows[0]
        if name not in FIXED
    }
    panels = group(curves)
    across = 3 if len(panels) > 4 else min(len(panels), 2) or 1
    down = math.ceil(len(panels) / across) or 1
    figure = Figure(figsize=(4.6 * across, 2.9 * down), dpi=140)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.1)
    for place, (title, names) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(down, across, place)
        _panel(axes, title, epochs, {name: curves[name] for name in names})
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.stem}.partial.png")
    figure.savefig(partial, format="png")
    partial.replace(out)


def group(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the panels, title → columns, in the order they are drawn."""
    panels: dict[str, list[str]] = {"generator": [], "discriminator": []}
    held_out: dict[str, list[str]] = {}
    for name in names:
        words = name.lower().replace("-", "_").split("_")
        if words[0] == "val":
            held_out[f"held out: {name[4:]}"] = [name]
        elif {"discriminator", "critic", "real", "fake"} & set(words):
            panels["discriminator"].append(name)
        else:
            panels["generator"].append(name)
    return {title: columns for title, columns in (panels | held_out).items() if columns}


def _panel(axes: Axes, title: str, epochs: list[int], curves: dict[str, list[float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    marker = "o" if len(epochs) < 20 else ""
    single = len(curves) == 1
    for place, (name, values) in enumerate(curves.items()):
        last = next((value for value in reversed(values) if math.isfinite(value)), math.nan)
        short = name.removeprefix(f"{title}_")
        label = f"last {number(last)}" if single else f"{short}, last {number(last)}"
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(epochs, values, color=colour, marker=marker, markersize=3, label=label)
    axes.set_title(title, fontsize=11, fontweight="bold", loc="left")
    axes.set_xlabel("epoch", fontsize=9)
    axes.tick_params(labelsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    finite = [value for values in curves.values() for value in values if math.isfinite(value)]
    if finite and min(finite) > 0 and max(finite) / min(finite) > WIDE_RANGE:
        axes.set_yscale("log")
    axes.legend(fontsize=8, frameon=True, framealpha=0.8, edgecolor="none")
