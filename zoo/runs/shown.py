"""A run to look at: in a notebook, and pictures that it translates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.data.spread import spread
from zoo.notebook.html import facts, heading, picture
from zoo.pictures.show import show
from zoo.runs.files import SAMPLES
from zoo.runs.formatting import duration, number

if TYPE_CHECKING:
    from PIL.Image import Image

    from zoo.pictures import Formats

# Of `metrics.json`, what is told first, and what is not told.
FIRST = ("epochs", "steps", "seconds")
LEFT_OUT = ("images_per_second", "train_examples", "test_examples")


def run_as_html(
    path: Path,
    status: str,
    recipe: Mapping[str, Any],
    metrics: Mapping[str, Any],
    warnings: Iterable[Mapping[str, Any]],
) -> str:
    """Return a run as a notebook shows it: name, status, figures, warnings, the last samples.

    Args:
        path: the run directory.
        status: in a word.
        recipe: as plain data.
        metrics: of `metrics.json`.
        warnings: of `warnings.jsonl`.
    """
    told = [("recipe", ", ".join(_names(recipe)))]
    figures = [key for key in metrics if key not in LEFT_OUT and _is_number(metrics[key])]
    for key in sorted(figures, key=lambda key: key not in FIRST):
        value = metrics[key]
        told.append(("time", duration(value)) if key == "seconds" else (key, number(value)))
    if "dataset" in metrics:
        told.append(("data", str(metrics["dataset"])))
    told += [("warning", f"epoch {line['epoch']}: {line['message']}") for line in warnings]
    parts = [heading(path.resolve().name, status), facts(told)]
    grids = sorted((path / SAMPLES).glob("epoch-*.png"))
    if grids:
        parts.append(picture(grids[-1], f"samples, {grids[-1].stem}"))
    return f"<div>{''.join(parts)}</div>"


def _names(recipe: Mapping[str, Any]) -> list[str]:
    sections = (recipe.get(section) or {} for section in ("model", "generator", "dataset"))
    return [str(section["name"]) for section in sections if "name" in section]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def show_translated(
    sources: Sequence[Path],
    targets: Sequence[Path],
    formats: Formats,
    translate: Callable[[Any], Any],
    n: int,
    *,
    paired: bool,
) -> Image:
    """Return some sources beside what they are translated to, and beside their targets.

    Args:
        sources: files.
        targets: files of the same examples.
        formats: of both.
        translate: takes and returns floats (height, width, channels) in [-1, 1].
        n: how many, spread evenly.
        paired: whether a target shows what its source shows; it is left out otherwise.
    """
    columns: dict[str, list[Any]] = {"source": [], "translated": [], "target": []}
    for index in spread(range(len(sources)), n):
        source = formats.source.to_network(formats.source.read(sources[index]))
        target = formats.target.to_network(formats.target.read(targets[index]))
        columns["source"].append(formats.source.for_people(source))
        columns["translated"].append(formats.target.for_people(translate(source)))
        columns["target"].append(formats.target.for_people(target))
    if not paired:
        del columns["target"]
    return show(**columns)
