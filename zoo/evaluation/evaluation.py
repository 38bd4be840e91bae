"""What an evaluation has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FIGURES = "figures.json"
PICTURES = "pictures.csv"
EXAMPLES = "examples"
FORMAT = 1


@dataclass(frozen=True)
class Figure:
    """One number, and what is to be known of it.

    Args:
        label: what it is called in tables.
        value: the figure; NaN where nothing could be compared.
        low: lower end of its interval; None where a metric gives no number for a picture, or there is one picture.
        high: upper end.
        confidence: of the interval, such as 0.95.
        unit: such as "dB"; may be empty.
        better: "higher" or "lower"; None if the metric does not say.
        pictures: how many were compared.
        note: a sentence that belongs beside it.
        baselines: the same figure of what no network painted: `mean_colour`, `source`, `target`.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    unit: str = ""
    better: str | None = None
    pictures: int = 0
    note: str | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model on some pictures, as `zoo.evaluate` returns them.

    Args:
        model: name of the folder of the run or export.
        data: a sentence on the pictures.
        count: how many they are.
        primary: name of the figure that examples are ranked by; None if no metric gives a number for each picture.
        figures: by name.
        pictures: the columns of `pictures.csv`: `name`, and a number for each picture by metric.
        examples: entries of `figures.json`, with files below `path`.
        errors: `error_by_position` and `error_by_brightness` of `figures.json`.
        checkpoint: the file or export that translated.
        seconds: that it took.
        created: when it ended, UTC, as ISO 8601.
        path: the folder that holds the files.
    """

    model: str
    data: str
    count: int
    primary: str | None
    figures: Mapping[str, Figure]
    pictures: Mapping[str, Sequence[Any]]
    examples: Sequence[Mapping[str, Any]]
    errors: Mapping[str, Any]
    checkpoint: str
    seconds: float
    created: str
    path: Path

    @property
    def figures_file(self) -> Path:
        """The file of all figures."""
        return self.path / FIGURES

    @property
    def pictures_file(self) -> Path:
        """The file with a row for each picture."""
        return self.path / PICTURES

    def as_json(self) -> dict[str, Any]:
        """Return what `figures.json` holds."""
        return {
            "format": FORMAT,
            "model": self.model,
            "data": self.data,
            "pictures": self.count,
            "primary": self.primary,
            "seconds": round(self.seconds, 3),
            "created": self.created,
            "checkpoint": self.checkpoint,
            "figures": {name: _plain(asdict(figure)) for name, figure in self.figures.items()},
            "examples": list(self.examples),
            **self.errors,
        }


def _plain(value: Any) -> Any:
    """Return a value with None for every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    # NaN and the infinities are the floats that times zero are not zero.
    return None if isinstance(value, float) and value * 0 != 0 else value
