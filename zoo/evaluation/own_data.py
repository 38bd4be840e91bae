"""The held-out pictures that belong to a trained model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from zoo.data.dataset import Dataset
from zoo.errors import ZooError, shortened
from zoo.evaluation.data import EvaluationData, KeptExamples, held_out
from zoo.pictures import Formats
from zoo.plugins import Host
from zoo.recipe.load import Recipe, load_recipe
from zoo.runs import files
from zoo.runs.examples import list_examples

DATASET = ("dataset",)
MOST_OF_REASON = 300


def run_folder(path: Path) -> Path | None:
    """Return the run that a trained model belongs to: its own folder, or that in which an export lies; or None.

    Args:
        path: the folder of a run or an export.
    """
    for folder in (path, path.resolve().parent.parent):
        if (folder / files.RECIPE).is_file():
            return folder
    return None


def recipe_of(run: Path | None, host: Host) -> Recipe | None:
    """Return the recipe of a run, whatever is wrong with it; None if there is none.

    Args:
        run: its folder, or None.
        host: the plugins that it may use.
    """
    if run is None:
        return None
    return load_recipe(run / files.RECIPE, host=host, strict=False)


def own_data(run: Path, recipe: Recipe, formats: Formats) -> EvaluationData:
    """Return the held-out pictures of a run's dataset; of one that cannot be opened any more those that the run keeps.

    Args:
        run: the folder.
        recipe: of the run.
        formats: by which the run reads its files.

    Raises:
        ZooError: if the run keeps none.
    """
    try:
        dataset = _open(recipe)
        if dataset.formats == formats:
            return held_out_of(run, dataset)
        reason = (
            "its files are to be read otherwise than in training; they are not the same any more"
        )
    except (ValueError, TypeError, ZooError) as error:
        reason = shortened(str(error).strip().partition("\n")[0].rstrip("."), MOST_OF_REASON)
    kept, training = (_kept(run, part, formats) for part in ("held_out", "training"))
    count = len(kept)
    if not count:
        raise ZooError(
            f"the dataset of {run} cannot be opened ({reason}), and the run keeps no held-out pictures; "
            "name others with --data"
        )
    return EvaluationData(
        kept,
        formats,
        _are_pairs(run, recipe),
        f"the {count} held-out pictures that the run keeps, because its dataset cannot be opened: {reason}",
        training if len(training) else None,
    )


def held_out_of(run: Path, dataset: Dataset) -> EvaluationData:
    """Return the held-out pictures of a run's dataset, and of those that it learned from what the run keeps.

    Args:
        run: the folder.
        dataset: opened.
    """
    data = held_out(dataset)
    training = _kept(run, "training", dataset.formats)
    # Of the network's size already, where the dataset's may be large files.
    return replace(data, training=training) if len(training) else data


def _kept(run: Path, part: str, formats: Formats) -> KeptExamples:
    sources, targets = (
        list_examples(run / files.EXAMPLES, part, side) for side in ("source", "target")
    )
    return KeptExamples(sources, targets, formats)


def _open(recipe: Recipe) -> Dataset:
    choice = recipe.choices.get(DATASET)
    if choice is None:
        told = [problem.message for problem in recipe.problems if problem.key.startswith("dataset")]
        raise ZooError(told[0] if told else "its recipe names none")
    dataset: Dataset = choice.create()
    return dataset


def _are_pairs(run: Path, recipe: Recipe) -> bool:
    """Return whether what a run kept are pairs; earlier runs do not say so themselves."""
    file = run / files.PICTURES
    about = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    section = recipe.document.get(DATASET)
    declared = section.get("paired", True) if isinstance(section, dict) else True
    return bool(about.get("paired", declared))
