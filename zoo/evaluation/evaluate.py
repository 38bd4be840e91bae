"""`zoo.evaluate`: the figures of a trained model on pictures."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.evaluation.data import EvaluationData
from zoo.evaluation.evaluation import Evaluation
from zoo.evaluation.examples import choose, write_examples
from zoo.evaluation.figures import figures_of, picture_values, primary_of
from zoo.evaluation.measure import Paint, measure
from zoo.evaluation.metrics import Wanted, for_pairs, make_metrics
from zoo.evaluation.other_data import other_data
from zoo.evaluation.own_data import own_data, recipe_of, run_folder
from zoo.evaluation.units import L1Units, has_units
from zoo.evaluation.writing import check_replaceable, write_evaluation
from zoo.pictures import PictureFormat
from zoo.plugins import Host, load_host

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset
    from zoo.translation.trained import TrainedModel

FOLDER = "evaluation"


def evaluate(
    model: TrainedModel,
    data: Dataset | str | Path | None = None,
    metrics: Iterable[Wanted] | None = None,
    *,
    inverse: bool = False,
    limit: int | None = None,
    out: Path | None = None,
    host: Host | None = None,
) -> Evaluation:
    """Evaluate a trained model on pictures, and write figures, a row for each picture, and examples.

    Pictures come to the network's size as its dataset prepares them, and every figure is of what the network paints,
    on [-1, 1], as `fit` measures it. See docs/evaluation.md.

    Args:
        model: a run or an export, as `zoo.load_model` opens it.
        data: a folder of pairs, a manifest, a recipe, or an opened dataset; None takes the held-out pictures of the
            run that the model belongs to.
        metrics: names, or mappings of `name` and arguments as in a recipe; None takes those of the run's recipe.
        inverse: evaluate the network from target to source.
        limit: at most so many pictures, spread evenly over all.
        out: folder to write; None is `evaluation` in the model's own, with more to its name for other data, the other
            direction or another checkpoint.
        host: the plugins that it may use, as `zoo.load_host` returns them; None for the installed ones.

    Raises:
        ZooError: if there are no such pictures or metrics, or they do not fit the model.
    """
    host = host or load_host()
    run = run_folder(model.path)
    recipe = recipe_of(run, host)
    turned = inverse or bool(getattr(model, "inverse", False))
    if inverse:
        model.require_inverse()
    # Of an export from target to source they are the other way round already.
    formats = model.formats.reversed if turned and not inverse else model.formats
    translator = model.translator(inverse=inverse)
    if data is None:
        if run is None or recipe is None:
            raise ZooError(
                f"{model.path} does not lie in its run, whose held-out pictures are not known here; name pictures with "
                "--data"
            )
        pictures = own_data(run, recipe, formats)
    else:
        pictures = other_data(data, formats=formats, size=model.size, recipe=recipe, host=host)
    pictures.check(model.size, formats)
    pictures = pictures.reversed() if turned else pictures
    target = pictures.formats.target
    made = make_metrics(metrics, recipe, host, target, model.size)
    suffixes = (
        "inverse" if inverse else "",
        "" if getattr(model, "checkpoint", "last") == "last" else model.checkpoint,  # type: ignore[attr-defined]
        pictures.label,
    )
    return evaluate_network(
        getattr(translator.network, "predict_on_batch", translator.network),
        pictures.limited(limit),
        for_pairs(made, paired=pictures.paired),
        out or model.path / "-".join((FOLDER, *filter(None, suffixes))),
        model=model.path.resolve().name,
        checkpoint=_checkpoint(model, inverse),
        wanted=monitored(recipe),
        batch_size=_batch_size(recipe),
    )


def evaluate_network(
    paint: Paint,
    data: EvaluationData,
    metrics: Sequence[Any],
    folder: Path,
    *,
    model: str,
    checkpoint: str,
    wanted: str = "psnr",
    batch_size: int = 1,
    workers: int = 2,
) -> Evaluation:
    """Evaluate what paints, and write the files.

    Args:
        paint: source pictures (N, H, W, C), float32 in [-1, 1], to translated ones.
        data: the pictures.
        metrics: such as mean something for them.
        folder: to write.
        model: name of the run or export.
        checkpoint: what was evaluated of it.
        wanted: name of the figure that pictures are ranked by, where they have it.
        batch_size: pictures in one call.
        workers: threads that prepare pictures.
    """
    check_replaceable(folder)
    started = time.perf_counter()
    metrics = [*metrics, *_in_units(metrics, data)]
    measured = measure(paint, data, metrics, batch_size=batch_size, workers=workers)
    figures = figures_of(measured, metrics)
    values = picture_values(measured, metrics)
    primary = primary_of(figures, values, wanted)
    chosen = choose(
        values[primary] if primary else None,
        figures[primary].better if primary else None,
        len(measured.names),
    )
    errors: dict[str, Any] = {"error_by_position": None, "error_by_brightness": None}
    if measured.errors is not None:
        errors["error_by_position"] = measured.errors.by_position()
        if not data.formats.target.classes:
            errors["error_by_brightness"] = measured.errors.by_brightness()

    def make(partial: Path) -> Evaluation:
        examples = write_examples(partial, chosen, paint, data, measured.names, values, batch_size)
        return Evaluation(
            model=model,
            data=data.summary,
            count=len(measured.names),
            primary=primary,
            figures=figures,
            pictures={"name": measured.names, **values},
            examples=examples,
            errors=errors,
            checkpoint=checkpoint,
            seconds=time.perf_counter() - started,
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            path=folder,
        )

    return write_evaluation(folder, make)


def usual_metrics(form: PictureFormat, size: tuple[int, int], host: Host) -> list[Any]:
    """Return the metrics for targets of a format where nobody asked for any."""
    return make_metrics(None, None, host, form, size)


def monitored(recipe: Any) -> str:
    """Return the metric by which a recipe chooses the best epoch."""
    section = None if recipe is None else recipe.document.get(("checkpoints", "best"))
    monitor = section.get("monitor") if isinstance(section, dict) else None
    return str(monitor or "val_psnr").removeprefix("val_")


def _in_units(metrics: Sequence[Any], data: EvaluationData) -> list[Any]:
    """Return the error in the values of files, beside L1, where those are no plain colours."""
    asked = any(metric.name == "l1" for metric in metrics)
    return [L1Units(data.formats.target)] if asked and has_units(data.formats.target) else []


def _checkpoint(model: TrainedModel, inverse: bool) -> str:
    """Return which file or export of a model translates."""
    file = getattr(model, "file_of", None)
    return str(file(inverse=inverse)) if callable(file) else model.path.resolve().name


def _batch_size(recipe: Any) -> int:
    training = None if recipe is None else recipe.document.get(("training",))
    size = training.get("batch_size", 1) if isinstance(training, dict) else 1
    return size if isinstance(size, int) and size > 0 else 1
