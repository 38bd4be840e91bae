"""Size, exactness and speed of every export of runs; writes the table in docs/export.md.

python benchmarks/exports.py RUN... --write
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from zoo.export.export import export_run
from zoo.export.opened import (
    ABOUT,
    CARD,
    SAMPLES,
    VERIFICATION,
    Export,
    is_export,
    load_export,
)
from zoo.plugins import load_host
from zoo.runs.files import EXPORTS
from zoo.runs.run import Run, load_run

PAGE = Path(__file__).parent.parent / "docs" / "export.md"
MARKS = ("<!-- Written by benchmarks/exports.py. -->\n", "<!-- End of what it wrote. -->\n")
# In a row that are timed, after one that is not.
CALLS = 3
# Figures are what this is for: an export of whole numbers that is worse than its tolerance is measured all the same.
LEAST_PSNR = 20.0
CONTESTANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("keras", {}),
    ("saved_model", {}),
    ("litert", {}),
    ("litert", {"precision": "float16"}),
    ("litert", {"precision": "int8_dynamic", "least_psnr": LEAST_PSNR}),
    ("litert", {"precision": "int8", "least_psnr": LEAST_PSNR}),
    ("onnx", {}),
    ("openvino", {}),
    ("openvino", {"precision": "float16"}),
)
BESIDE = {ABOUT, VERIFICATION, CARD}


@dataclass
class Row:
    """An export, or Keras itself, and how long each call took."""

    label: str
    megabytes: float
    difference: str
    psnr: str
    call: Callable[[], Any]
    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def megabytes(export: Export) -> float:
    """What is deployed: without the card, the proof and the sample pictures."""
    return (
        sum(
            file.stat().st_size
            for file in export.path.rglob("*")
            if file.is_file()
            and file.name not in BESIDE
            and SAMPLES not in file.relative_to(export.path).parts
        )
        / 1e6
    )


def measure(run: Run, rounds: int, threads: int) -> list[Row]:
    """Take the run's exports, made now where they are missing, and let all paint one picture in turn."""
    network = run.generator
    picture = np.random.default_rng(0).uniform(-1, 1, (1, *network.input_shape[1:]))
    picture = picture.astype(np.float32)
    rows = [
        Row("Keras `predict_on_batch`", 0, "", "", lambda: network.predict_on_batch(picture), []),
        Row("Keras `predict`", 0, "", "", lambda: network.predict(picture, verbose=0), []),
    ]
    for name, arguments in CONTESTANTS:
        export = exported(run, name, arguments)
        proof = export.verification
        runtime = export.runtime(threads)
        rows.append(
            Row(
                f"`{export.path.name}`",
                megabytes(export),
                f"{proof['difference']:.1g}",
                "exact" if proof["psnr"] is None else f"{proof['psnr']:.1f}",
                partial(runtime, picture),
                [],
            )
        )
    for _ in range(rounds):
        for row in rows:
            row.call()  # brings its weights, and not those of the one before, into the caches
            for _ in range(CALLS):
                start = time.perf_counter()
                row.call()
                row.seconds.append(time.perf_counter() - start)
    return rows


def exported(run: Run, name: str, arguments: dict[str, Any]) -> Export:
    """Return an export of the run, made now if it has none."""
    component = load_host().registry.get("exporter", name)
    folder = run.path / EXPORTS / component.create(component.resolve(arguments)).label
    return load_export(folder) if is_export(folder) else export_run(run, name, arguments)


def table(run: Run, rows: list[Row], threads: int) -> str:
    """Return the table as Markdown."""
    network = run.generator
    height, width, _ = network.input_shape[1:]
    keras_median = rows[0].median
    lines = [
        f"### {run.recipe['generator']['name']}, {network.count_params() / 1e6:.1f} million weights, "
        f"{height} x {width} px\n",
        "| | MB | largest difference | least PSNR, dB | ms, median | from | to | of Keras |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        size = f"{row.megabytes:.1f}" if row.megabytes else ""
        ms = [1000 * value for value in (row.median, min(row.seconds), max(row.seconds))]
        lines.append(
            f"| {row.label} | {size} | {row.difference} | {row.psnr} | "
            f"{ms[0]:.0f} | {ms[1]:.0f} | {ms[2]:.0f} | {row.median / keras_median:.2f} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", help="run directories")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each, of several calls")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each runtime")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    options = parser.parse_args()
    tables = []
    for path in options.runs:
        run = load_run(path)
        tables.append(table(run, measure(run, options.rounds, options.threads), options.threads))
        print(tables[-1])
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        pattern = re.compile(re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1]), re.DOTALL)
        written = MARKS[0] + "\n" + "\n".join(tables) + "\n" + MARKS[1]
        PAGE.write_text(pattern.sub(lambda _: written, text), encoding="utf-8")


if __name__ == "__main__":
    main()
