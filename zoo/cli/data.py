"""`zoo data`: looking at pictures before training, and at what a network will see of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.cli.output import json_option, print_columns, print_json, warn_of_problems
from zoo.data.inspection import SAMPLE
from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset
    from zoo.recipe.load import Recipe

SHEETS = (".png", ".jpg", ".webp")


@click.group("data")
def data() -> None:
    """Look at pictures before training, and at what a network will see of them."""


@data.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=SAMPLE,
    show_default=True,
    help="Pictures to decode, for statistics and to find broken ones; 0 decodes all.",
)
@json_option
def inspect(path: Path, sample: int, as_json: bool) -> None:
    """Say what PATH holds, what is wrong with it, and the dataset section of a recipe that fits it.

    PATH is a folder of pictures, a manifest (.csv or .jsonl) of source, target and split, or a picture.
    """
    from zoo.data.inspection.inspect import inspect as look
    from zoo.data.inspection.text import lines_of

    found = look(path, sample=sample)
    if as_json:
        print_json(found.as_json())
        return
    for line in lines_of(found):
        if isinstance(line, str):
            click.echo(line)
        else:
            print_columns(line)


@data.command("preview")
@click.argument("recipe")
@click.argument("overrides", nargs=-1, metavar="[KEY.PATH=VALUE]...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("preview.png"),
    show_default=True,
    help="Picture file to write; it is replaced if it is there.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1, max=64),
    default=4,
    show_default=True,
    help="Examples to train on, and held-out ones.",
)
@click.option(
    "--epoch",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="The first of the three epochs whose augmentation is shown.",
)
@click.pass_context
def preview(
    ctx: click.Context,
    recipe: str,
    overrides: tuple[str, ...],
    out: Path,
    count: int,
    epoch: int,
) -> None:
    """Draw what a network will see of RECIPE's dataset, augmentation included.

    Only the dataset is made, no network; what is wrong elsewhere in the recipe does not matter. The augmented
    examples are those of the training: the recipe's seed, the epoch and the position decide them.
    """
    if out.suffix.lower() not in SHEETS:
        raise ZooError(f"cannot write {out}: the name of a sheet ends in {', '.join(SHEETS)}")
    warn_of_problems(ctx.obj)
    from zoo.data.inspection.sheet import contact_sheet
    from zoo.pictures import write_picture
    from zoo.recipe.load import load_recipe

    loaded = load_recipe(recipe, *overrides, host=ctx.obj, only=("dataset",))
    dataset = _dataset(loaded)
    click.echo(dataset.summary)
    for side in ("source", "target"):
        click.echo(f"{side}: {_seen(dataset, side)}")
    sheet = contact_sheet(dataset, seed=_seed(loaded), count=count, epoch=epoch - 1)
    try:
        write_picture(out, sheet)
    except OSError as error:
        raise ZooError(f"cannot write {out}: {error.strerror or error}") from error
    click.echo(f"wrote {out}")


def _dataset(recipe: Recipe) -> Dataset:
    """Make the dataset of a recipe.

    Raises:
        RecipeError: if it cannot be made.
    """
    from zoo.recipe.problems import RecipeError

    key = ("dataset",)
    if key not in recipe.choices:
        problem = recipe.problem(key, "is missing, or without name; 'zoo list datasets' shows them")
        raise RecipeError(recipe.name, [problem])
    try:
        dataset: Dataset = recipe.choices[key].create()
    except (ValueError, TypeError, ZooError) as error:
        raise RecipeError(recipe.name, [recipe.failure(key, error)]) from error
    return dataset


def _seed(recipe: Recipe) -> int:
    """Return `training.seed`, or its default where the section has none that can be used."""
    from zoo.recipe.schema import Training

    training = recipe.document.data.get("training")
    seed = training.get("seed") if isinstance(training, dict) else None
    if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0:
        return seed
    default: int = Training.model_fields["seed"].default
    return default


def _seen(dataset: Dataset, side: str) -> str:
    """Say what a network sees of one side, and of which values in files."""
    from zoo.pictures.channels import counted_channels

    shape = dataset.source_shape if side == "source" else dataset.target_shape
    form = dataset.formats.of(side)
    size = f"{shape[1]} x {shape[0]} pixels (width x height)"
    if form.classes:
        return f"{size}, {form.depth} classes"
    channels = counted_channels(form.depth)
    low, high = (
        ", ".join(f"{bound:g}" for bound in dict.fromkeys(bounds))
        for bounds in (form.low, form.high)
    )
    holes = "" if form.nodata is None else f", {form.nodata:g} marks holes"
    return f"{size}, {channels}; {form.dtype} {low} becomes -1, {high} becomes 1{holes}"
