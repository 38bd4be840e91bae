"""The files of a run directory, and writing them whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

RECIPE = "recipe.yaml"
ENVIRONMENT = "environment.json"
PICTURES = "pictures.json"
METRICS = "metrics.json"
HISTORY = "history.csv"
GENERATOR = "generator.keras"
INVERSE_GENERATOR = "inverse_generator.keras"
CHECKPOINTS = "checkpoints"
LAST = "checkpoints/last.keras"
BEST = "checkpoints/best.keras"
SAMPLES = "samples"
CURVES = "curves.png"
REPORT = "report.html"
SKIPPED = "skipped.txt"
WARNINGS = "warnings.jsonl"
DIVERGED = "diverged"
EXAMPLES = "examples"
EXPORTS = "export"
EVALUATION = "evaluation"
FIGURES = "evaluation/figures.json"
WARNINGS = "warnings.jsonl"
PARENT = "parent.json"


def write_text(path: Path, text: str) -> None:
    """Write a file so that it appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON file so that it appears whole or not at all."""
    write_text(path, json.dumps(data, indent=2) + "\n")


def save_network(network: keras.Model, path: Path) -> None:
    """Write a `.keras` file so that it appears whole or not at all."""
    partial = path.with_name(f".{path.stem}.partial.keras")
    network.save(partial)
    partial.replace(path)
