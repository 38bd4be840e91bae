"""The files of an evaluation: figures, a row for each picture, examples."""

from __future__ import annotations

import csv
import io
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.evaluation.evaluation import FIGURES, PICTURES, Evaluation
from zoo.runs.files import write_json, write_text


def write_evaluation(folder: Path, make: Callable[[Path], Evaluation]) -> Evaluation:
    """Write the folder of an evaluation, so that it appears whole; an earlier one is replaced.

    Args:
        folder: to write.
        make: writes examples into a folder and returns the rest.

    Raises:
        ZooError: if the folder holds something else, or cannot be written.
    """
    check_replaceable(folder)
    folder = folder if folder.name else folder.resolve()
    # Of a name that is known, so that what a killed process has left is taken away.
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        _remove(partial)
        partial.mkdir(parents=True)
        evaluation = make(partial)
        write_json(partial / FIGURES, evaluation.as_json())
        write_text(partial / PICTURES, _csv(evaluation.pictures))
        _remove(folder)
        partial.replace(folder)
    except OSError as error:
        raise ZooError(
            f"the evaluation cannot be written to {folder}: {error.strerror or error}"
        ) from error
    finally:
        _remove(partial)
    return evaluation


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def check_replaceable(folder: Path) -> None:
    """See that a folder is free, or an evaluation.

    Raises:
        ZooError: if it holds anything else.
    """
    if not folder.exists() or (folder / FIGURES).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise ZooError(f"{folder} exists and is not an evaluation; name another folder with --out")


def _csv(columns: Mapping[str, Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value)
