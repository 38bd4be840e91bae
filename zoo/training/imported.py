"""Runs of networks that were trained elsewhere."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.report.report import write_report
from zoo.runs import files
from zoo.runs.environment import environment
from zoo.runs.run import Run, create_run

if TYPE_CHECKING:
    import keras


def import_run(root: Path, file: Path, network: keras.Model, recipe: str) -> Run:
    """Make a run of a network that was trained elsewhere: all that translating needs, and where the weights came from.

    Args:
        root: where the run directory is made.
        file: that held the weights; the run is named after it, and keeps its SHA-256.
        network: pictures in [-1, 1] to pictures in [-1, 1], channels last.
        recipe: what is known of a recipe, as YAML text.

    Raises:
        ZooError: if it cannot be written.
    """
    run = create_run(root, file.stem, recipe)
    about = environment()
    # Without their folder: where somebody's files lie is nobody's business.
    about["command"] = [file.name if Path(word) == file else word for word in about["command"]]
    files.write_json(run.path / files.ENVIRONMENT, about)
    files.save_network(network, run.path / files.GENERATOR)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    source = {"file": file.name, "sha256": digest}
    files.write_json(run.path / files.METRICS, {"status": "imported", "imported_from": source})
    write_report(run.path)
    return run
