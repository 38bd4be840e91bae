"""Which metrics an evaluation computes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zoo.errors import ZooError
from zoo.metrics.ssim import WINDOW
from zoo.pictures import PictureFormat
from zoo.plugins import Host
from zoo.recipe.arguments import check_arguments
from zoo.recipe.load import Recipe

Wanted = str | Mapping[str, Any]


def make_metrics(
    wanted: Iterable[Wanted] | None,
    recipe: Recipe | None,
    host: Host,
    form: PictureFormat,
    size: tuple[int, int],
) -> list[Any]:
    """Return new metrics: those that are named, or those of a recipe, or the usual ones.

    Args:
        wanted: names, or mappings of `name` and arguments, as in recipes; a name alone has the arguments that the
            recipe gives it. None takes the recipe's.
        recipe: of the run, of which the metrics were checked; None if it is not known.
        host: where names are looked up.
        form: of targets; the usual metrics depend on whether they are label maps.
        size: height and width of the pictures.

    Raises:
        ZooError: if there is no such metric, or its arguments are wrong.
    """
    choices = [] if recipe is None else recipe.choices_of(("evaluation", "metrics"))
    known = {choice.component.name: choice for _, choice in choices}
    made = []
    for item in wanted if wanted is not None else list(known) or usual(form, size):
        metric = (
            known[item].create() if isinstance(item, str) and item in known else _make(item, host)
        )
        check_classes(metric, form)
        made.append(metric)
    return made


def usual(form: PictureFormat, size: tuple[int, int]) -> list[str]:
    """Return the names of metrics for targets of a format, where nobody asked for any."""
    if form.classes:
        return ["pixel_accuracy", "class_accuracy", "iou"]
    return ["l1", "psnr", *(["ssim"] if min(size) >= WINDOW else [])]


def for_pairs(metrics: Sequence[Any], *, paired: bool) -> list[Any]:
    """Return those of the metrics that mean something: all of pairs, else those that compare sets of pictures."""
    return [metric for metric in metrics if paired or not getattr(metric, "paired", True)]


def check_classes(metric: Any, form: PictureFormat) -> None:
    """See that a metric of classes gets label maps.

    Args:
        metric: any.
        form: of targets.

    Raises:
        ZooError: if it does not.
    """
    if getattr(metric, "of_classes", False) and not form.classes:
        raise ZooError(
            f"{metric.name} compares classes, but the targets have none; set target_format.classes of the dataset, or "
            "leave it out"
        )


def _make(item: Wanted, host: Host) -> Any:
    section = {"name": item} if isinstance(item, str) else dict(item)
    name = section.pop("name", None)
    if not isinstance(name, str):
        raise ZooError(f"a metric has no name: {dict(section)}; expected one of 'zoo list metrics'")
    component = host.registry.get("metric", name)
    arguments, wrong = check_arguments(component, section)
    if wrong:
        told = "; ".join(
            f"{'.'.join(map(str, place))}: {message}" for place, message in wrong.items()
        )
        raise ZooError(f"the metric {name}: {told}")
    return component.create(arguments)
