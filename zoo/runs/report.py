"""The report of a run: one HTML page that holds all it shows."""

from __future__ import annotations

import base64
import io
import json
import math
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from PIL import Image

from zoo.runs import files
from zoo.runs.formatting import duration, number
from zoo.runs.history import read_history

FRAMES = 9
JPEG_QUALITY = 88
UNITS = {"psnr": " dB"}
NAMES = {"psnr": "PSNR", "l1": "L1", "ssim": "SSIM", "lpips": "LPIPS", "kid": "KID", "fid": "FID"}
STATUS = {
    "completed": "completed",
    "stopped": "stopped before its last epoch",
    "failed": "failed: training diverged",
    "imported": "imported: trained elsewhere",
    "unfinished": "unfinished: no final figures were written",
}
BOOKKEEPING = frozenset(
    {"epochs", "steps", "seconds", "images_per_second", "train_examples", "test_examples"}
)


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


@dataclass(frozen=True)
class Frame:
    """A sample grid.

    Args:
        epoch: epochs trained when it was drawn.
        source: the picture as a data URI.
    """

    epoch: int
    source: str

    @property
    def tab(self) -> str:
        """What stands on its tab."""
        return f"epoch {self.epoch}" if self.epoch else "start"

    @property
    def caption(self) -> str:
        """What stands below it."""
        return f"after epoch {self.epoch}" if self.epoch else "before training"


def write_report(run_directory: Path) -> Path:
    """Write `report.html` into a run directory, from the files there alone.

    The page holds its pictures, loads nothing, runs no script, and is readable on a phone, in light
    and in dark. What the run does not have yet is left out or said to be missing.

    Args:
        run_directory: the directory of a run.

    Returns:
        The path of the report.
    """
    # Only the report needs Jinja.
    from jinja2 import Environment, StrictUndefined

    text = resources.files("zoo.runs").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(text).render(_contents(Path(run_directory)))
    out = Path(run_directory) / files.REPORT
    files.write_text(out, page)
    return out


def _contents(directory: Path) -> dict[str, Any]:
    metrics = _json(directory / files.METRICS)
    status = str(metrics.get("status", "unfinished"))
    curves = directory / files.CURVES
    skipped = directory / files.SKIPPED
    return {
        "name": directory.resolve().name,
        "status": status,
        "status_text": STATUS.get(status, status),
        "headlines": list(_headlines(metrics, _rows(directory))),
        "frames": list(_frames(_samples(directory / files.SAMPLES))),
        "curves": _as_is(curves) if curves.is_file() else None,
        "dataset": metrics.get("dataset"),
        "counts": list(_counts(metrics)),
        "skipped": _text(skipped).splitlines(),
        "recipe": _text(directory / files.RECIPE).rstrip(),
        "environment": list(_flat(_json(directory / files.ENVIRONMENT))),
        **_use(directory, status),
    }


def _headlines(metrics: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[Headline]:
    held_out = metrics.get("test_examples")
    for key, value in sorted(metrics.items(), key=lambda item: item[0] != "psnr"):
        if key in BOOKKEEPING or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        notes = [f"on {number(held_out)} held-out pictures" if held_out else "held out"]
        first = next((row for row in rows if row.get(f"val_{key}")), None)
        if first is not None and len(rows) > 1:
            notes.append(f"{number(float(first[f'val_{key}']))} after epoch {first['epoch']}")
        yield Headline(NAMES.get(key, key), number(value) + UNITS.get(key, ""), "; ".join(notes))
    if "seconds" in metrics:
        steps = f"{number(metrics['steps'])} steps" if "steps" in metrics else ""
        yield Headline("training time", duration(metrics["seconds"]), steps)
    if metrics.get("images_per_second"):
        yield Headline("images a second", number(metrics["images_per_second"]), "while training")
    if "epochs" in metrics:
        yield Headline("epochs", number(metrics["epochs"]), "passes over the training pictures")


def _use(directory: Path, status: str) -> dict[str, Any]:
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


def _samples(folder: Path) -> list[tuple[int, Path]]:
    found = []
    for path in folder.glob("epoch-*.png"):
        matched = re.fullmatch(r"epoch-(\d+)", path.stem)
        if matched:
            found.append((int(matched[1]), path))
    return sorted(found)


def _frames(samples: list[tuple[int, Path]]) -> Iterator[Frame]:
    """Yield some of the samples, evenly spread, with the first and the last; the last unpacked."""
    count, last = min(len(samples), FRAMES), len(samples) - 1
    for index in range(count):
        epoch, path = samples[round(last * index / max(1, count - 1))]
        yield Frame(epoch, _as_is(path) if index == count - 1 else _as_jpeg(path))


def _counts(metrics: dict[str, Any]) -> Iterator[str]:
    for key, words in (("train_examples", "to train on"), ("test_examples", "held out")):
        if key in metrics:
            yield f"{number(metrics[key])} examples {words}"


def _as_is(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _as_jpeg(path: Path) -> str:
    """Return a picture as a data URI of about a tenth of the PNG's size."""
    packed = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(packed, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"


def _rows(directory: Path) -> list[dict[str, str]]:
    history = directory / files.HISTORY
    return read_history(history) if history.is_file() else []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _flat(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and text of nested values; groups give up their names to what is in them."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif isinstance(value, list):
            yield name, shlex.join(map(str, value))
        elif isinstance(value, float) and math.isfinite(value):
            yield name, number(value)
        else:
            yield name.replace("_", " "), "" if value is None else str(value)
