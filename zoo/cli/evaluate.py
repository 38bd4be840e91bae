"""`zoo evaluate`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output import checkpoint_option, json_option, print_columns, print_json
from zoo.errors import ZooError
from zoo.plugins import Host
from zoo.runs.files import EVALUATION, REPORT

if TYPE_CHECKING:
    from zoo.evaluation.evaluation import Evaluation, Figure
    from zoo.runs.run import Checkpoint

BASELINES = {
    "mean_colour": "mean colour",
    "source": "source unchanged",
    "target": "real targets",
}


@click.command("evaluate")
@click.argument("run", metavar="RUN_OR_EXPORT")
@click.option(
    "--data",
    metavar="FOLDER_OR_MANIFEST_OR_RECIPE",
    help="Pairs to evaluate on, in place of the held-out pictures of the run.",
)
@click.option(
    "--metrics",
    multiple=True,
    metavar="NAME,...",
    help="Metrics of 'zoo list metrics', in place of the recipe's; with arguments as '{name: …, key: value}'. May be "
    "given more than once.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write; otherwise evaluation/ in the run or export.",
)
@click.option("--inverse", is_flag=True, help="Evaluate the network from target to source.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    help="At most so many pictures, spread evenly over all.",
)
@checkpoint_option
@json_option
@click.pass_obj
def evaluate(
    host: Host,
    run: str,
    data: str | None,
    metrics: tuple[str, ...],
    out: Path | None,
    inverse: bool,
    limit: int | None,
    checkpoint: Checkpoint,
    as_json: bool,
) -> None:
    """Evaluate a run directory or an export on pairs, and write figures, a row for each picture, and examples.

    The pairs are the held-out pictures of the run's dataset, or those of --data: a folder, of which the part test is
    taken if there is one, a list of pairs (.csv, .jsonl), or a recipe. Each figure has an interval that holds the
    true mean in 95 of 100 cases, and stands beside those of pictures of one colour and of the sources unchanged.
    """
    from zoo.evaluation.evaluate import evaluate as evaluate_model
    from zoo.export.loading import load_model

    model = load_model(run, host=host, checkpoint=checkpoint)
    found = evaluate_model(
        model,
        data,
        list(_named(metrics)) or None,
        inverse=inverse,
        limit=limit,
        out=out,
        host=host,
    )
    if found.path == model.path / EVALUATION and (model.path / REPORT).is_file():
        from zoo.report.report import write_report

        write_report(model.path)  # which shows these figures
    if as_json:
        print_json(found.as_json())
        return
    count = "1 picture" if found.count == 1 else f"{found.count} pictures"
    click.echo(f"{found.model}, {found.checkpoint}, on {count}: {found.data}")
    if found.figures:
        print_columns(list(_table(found)), indent="")
    else:
        click.echo("no metric compares pictures that are no pairs; look at the examples")
    for figure in found.figures.values():
        if figure.note:
            click.echo(f"{figure.label}: {figure.note}")
    click.echo(f"wrote {found.path}")


def _named(words: tuple[str, ...]) -> Iterator[Any]:
    """Yield names of metrics, and mappings of those with arguments."""
    from zoo.recipe.document import parse_value

    for word in words:
        if not word.lstrip().startswith("{"):
            yield from filter(None, (name.strip() for name in word.split(",")))
            continue
        try:
            yield parse_value(word)
        except ValueError as error:
            raise ZooError(
                f"--metrics {word}: {error}; expected such as '{{name: psnr}}'"
            ) from None


def _table(found: Evaluation) -> Iterator[tuple[str, ...]]:
    baselines = [
        name
        for name in BASELINES
        if any(name in figure.baselines for figure in found.figures.values())
    ]
    told = [BASELINES[name] for name in baselines]
    yield ("figure", "value", "unit", "95 % interval", *told, "pictures", "better")
    for figure in found.figures.values():
        yield (
            figure.label,
            _number(figure.value),
            figure.unit,
            _interval(figure),
            *(_number(figure.baselines.get(name)) for name in baselines),
            str(figure.pictures),
            figure.better or "",
        )


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "–"
    return f"{_number(figure.low)} to {_number(figure.high)}"


def _number(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.4g}"
