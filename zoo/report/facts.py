"""What a report says of a run in words and numbers."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.report.evaluation import Figure, with_unit
from zoo.runs.figure_names import UNITS, label_of
from zoo.runs.formatting import duration, number

STATUS = {
    "completed": "completed",
    "stopped": "stopped before its last epoch",
    "failed": "failed: training diverged",
    "imported": "imported: trained elsewhere",
    "unfinished": "unfinished",
}
# What metrics.json holds beside figures on held-out pictures.
BOOKKEEPING = frozenset(
    {
        "epochs",
        "steps",
        "seconds",
        "images_per_second",
        "train_examples",
        "test_examples",
        "peak_memory_bytes",
    }
)
# Held-out figures that are told before all else; all are in the table below.
MOST_FIGURES = 4


@dataclass(frozen=True)
class Headline:
    """A number to be seen first.

    Args:
        label: what it is.
        value: the number, with its unit.
        note: a few words below it; may be empty.
    """

    label: str
    value: str
    note: str = ""


def current(metrics: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the metrics of a run, or nothing if they are those of an earlier sitting and training goes on.

    Args:
        metrics: the content of `metrics.json`.
        rows: of the history.
    """
    behind = bool(rows) and "steps" in metrics and int(rows[-1]["step"]) > metrics["steps"]
    return {} if behind else dict(metrics)


def status_text(metrics: Mapping[str, Any], rows: Sequence[Mapping[str, str]], epochs: Any) -> str:
    """Return how far a run has come.

    Args:
        metrics: as `current` returns them.
        rows: of the history.
        epochs: that the recipe asks for; None if that is not known.
    """
    status = str(metrics.get("status", "unfinished"))
    if status == "unfinished" and epochs:
        done = int(rows[-1]["epoch"]) if rows else 0
        return f"{done} of {epochs} epochs trained"
    return STATUS.get(status, status)


def headlines(
    metrics: Mapping[str, Any], rows: Sequence[Mapping[str, str]], measured: Sequence[Figure]
) -> Iterator[Headline]:
    """Yield the numbers that stand on top: figures on held-out pictures, then time and speed.

    Args:
        metrics: as `current` returns them.
        rows: of the history.
        measured: the figures of the evaluation; empty if there is none.
    """
    yield from list(_figures(metrics, rows, measured))[:MOST_FIGURES]
    if "seconds" in metrics or rows:
        last = rows[-1] if rows else {}
        seconds = metrics.get("seconds", float(last.get("seconds", math.nan)))
        done = {name: metrics.get(f"{name}s", int(last.get(name, 0))) for name in ("epoch", "step")}
        yield Headline(
            "training time",
            duration(seconds),
            ", ".join(f"{number(count)} {name}s" for name, count in done.items() if count),
        )
    if metrics.get("images_per_second"):
        yield Headline("images a second", number(metrics["images_per_second"]), "while training")
    if metrics.get("peak_memory_bytes"):
        yield Headline("peak memory", gigabytes(metrics["peak_memory_bytes"]), "of the process")


def _figures(
    metrics: Mapping[str, Any], rows: Sequence[Mapping[str, str]], measured: Sequence[Figure]
) -> Iterator[Headline]:
    if measured and metrics:
        for figure in measured:
            note = f"95\N{NO-BREAK SPACE}%: {figure.interval}" if figure.interval else ""
            yield Headline(figure.label, figure.value, note or _on(figure.pictures))
        return
    held_out = _on(metrics.get("test_examples"))
    found = {
        key: value
        for key, value in metrics.items()
        if key not in BOOKKEEPING and isinstance(value, int | float) and not isinstance(value, bool)
    }
    if not metrics and rows:
        # While training goes on, the last epoch that was measured.
        last = next((row for row in reversed(rows) if _figures_in(row)), {})
        found, held_out = _figures_in(last), f"after epoch {last.get('epoch')}"
    for key, value in sorted(found.items(), key=lambda item: item[0] != "psnr"):
        first = next((row for row in rows if row.get(f"val_{key}")), None)
        notes = [held_out]
        if first is not None and len(rows) > 1:
            notes.append(f"{number(float(first[f'val_{key}']))} after epoch {first['epoch']}")
        yield Headline(label_of(key), with_unit(value, UNITS.get(key, "")), "; ".join(notes))


def _figures_in(row: Mapping[str, str]) -> dict[str, float]:
    return {
        name.removeprefix("val_"): float(cell)
        for name, cell in row.items()
        if name.startswith("val_") and cell
    }


def _on(pictures: int | None) -> str:
    return f"on {number(pictures)} held-out pictures" if pictures else "held out"


def counts(metrics: Mapping[str, Any]) -> str:
    """Return how many examples there are of each half; empty if that is not known."""
    halves = (("train_examples", "examples to train on"), ("test_examples", "held out"))
    return ", ".join(f"{number(metrics[key])} {words}" for key, words in halves if key in metrics)


def use(directory: Path, status: str) -> dict[str, str]:
    """Return the lines that use a run: `shell` and `python`."""
    path = directory.as_posix()
    if directory.is_absolute():
        # A report is passed on; where somebody's home directory lies is nobody's business.
        path = f"{directory.parent.name}/{directory.name}"
    quoted = shlex.quote(path)
    shell = [f"zoo translate {quoted} PICTURE_OR_FOLDER --out translated"]
    if status not in ("completed", "imported"):
        shell.append(f"zoo resume {quoted}")
    python = [
        "import zoo",
        "from PIL import Image",
        "",
        f"run = zoo.load_run({json.dumps(path, ensure_ascii=False)})",
        'run(Image.open("picture.jpg")).save("translated.png")',
    ]
    return {"shell": "\n".join(shell), "python": "\n".join(python)}


def flat(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and text of nested values; groups give up their names to what is in them."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from flat(value)
        elif isinstance(value, list):
            yield name, shlex.join(map(str, value))
        elif isinstance(value, float) and math.isfinite(value):
            yield name, number(value)
        else:
            yield name.replace("_", " "), "" if value is None else str(value)


def gigabytes(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{number(count / 1e9 if count >= 1e9 else round(count / 1e6))} {'GB' if count >= 1e9 else 'MB'}"
