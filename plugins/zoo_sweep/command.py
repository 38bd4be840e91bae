"""`zoo sweep`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

import zoo
from zoo import Host, ZooError

if TYPE_CHECKING:
    from zoo_sweep.sweep import Sweep


@click.command("sweep")
@click.argument("recipe", required=False)
@click.argument("values", nargs=-1, metavar="[KEY.PATH=VALUES]...")
@click.option(
    "--trials",
    type=click.IntRange(1),
    help="Trials that a sampler chooses; needed where a range is given, otherwise every combination is tried.",
)
@click.option(
    "--monitor",
    default="val_psnr",
    show_default=True,
    help="Figure that decides, a column of history.csv; of a trial its best epoch counts.",
)
@click.option(
    "--mode",
    type=click.Choice(["max", "min"]),
    help="Whether the highest or the lowest figure is best; by default what the metric says.",
)
@click.option(
    "--pruner",
    type=click.Choice(["none", "median", "hyperband"]),
    default="none",
    show_default=True,
    help="What ends a trial early whose figure is worse than that of others after as many epochs.",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random"]),
    default="tpe",
    show_default=True,
    help="What chooses the values of --trials: TPE learns from earlier trials.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the sampler."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The sweep's folder; by default sweeps/RECIPE.",
)
@click.option(
    "--join",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="SWEEP",
    help="Work on the sweep of that folder, beside other processes or machines that do, or where they stopped.",
)
@click.pass_obj
def sweep(
    host: Host,
    recipe: str | None,
    values: tuple[str, ...],
    trials: int | None,
    monitor: str,
    mode: str | None,
    pruner: str,
    sampler: str,
    seed: int,
    out: Path | None,
    join: Path | None,
) -> None:
    """Train RECIPE with many values of some keys, one trial after the other, and say which did best.

    KEY.PATH=a,b,c tries each value, KEY.PATH=1e-4:1e-2:log numbers of a range (without log evenly spread, with a
    number in its place in steps of it). Lists alone are tried in every combination; --trials has a sampler choose.
    KEY.PATH=value is the same for all. What is not valid is refused before anything is trained. Each trial is a run
    directory; the same command again goes on with a sweep that was stopped or killed. Needs the extra 'sweep'.
    """
    component = host.registry.get("command", "sweep")
    if component.to_install:
        raise ZooError(
            f"zoo sweep needs the library {component.needs}, which is not installed; install it with: "
            f"{component.to_install}"
        )
    from zoo_sweep.sweep import read_sweep

    if join is not None:
        if recipe is not None:
            raise ZooError("--join takes the recipe and the values of the sweep; leave them out")
        found = read_sweep(join)
    elif recipe is None:
        raise click.UsageError("Missing argument 'RECIPE', or --join SWEEP.")
    else:
        wanted = _wanted(host, recipe, values, trials, out)
        found = _checked(
            dataclasses.replace(
                wanted, monitor=monitor, mode=mode or "", pruner=pruner, sampler=sampler, seed=seed
            ),
            host,
        )
    _run(found, host)


def _wanted(
    host: Host, recipe: str, words: tuple[str, ...], trials: int | None, out: Path | None
) -> Sweep:
    from zoo_sweep.space import parse_values
    from zoo_sweep.sweep import Sweep

    space = parse_values(words)
    ranges = [values.key for values in space if values.is_range]
    if ranges and trials is None:
        raise ZooError(
            f"{ranges[0]} has a range, not a list; say by --trials how many values to try"
        )
    loaded = zoo.load_recipe(recipe, host=host, strict=False)
    return Sweep(
        path=out or Path("sweeps") / loaded.name,
        recipe=loaded.name,
        base=loaded.document.data,
        space=tuple(space),
        trials=trials or 0,
        monitor="",
        mode="",
        pruner="",
        sampler="",
        seed=0,
    )


def _checked(sweep: Sweep, host: Host) -> Sweep:
    """Return the sweep with its mode, written to its folder, after everything that can be wrong with it was told."""
    import tempfile

    from zoo_sweep.checks import check_points, mode_of

    with tempfile.TemporaryDirectory() as folder:
        # Its recipe is checked where it leaves nothing behind if it is not valid.
        tried = dataclasses.replace(sweep, path=Path(folder))
        tried.write()
        mode = mode_of(check_points(tried, host), sweep.monitor, sweep.mode or None)
    sweep = dataclasses.replace(sweep, mode=mode)
    sweep.write()
    return sweep


def _run(sweep: Sweep, host: Host) -> None:
    from zoo_sweep.results import rows, table, write_page, write_table
    from zoo_sweep.running import run_trials
    from zoo_sweep.study import open_study

    study = open_study(sweep)
    total = sweep.trials or len(study.get_trials(deepcopy=False))
    click.echo(f"sweep {sweep.path}: {total} trials of {', '.join(v.key for v in sweep.swept)}")
    stopped = run_trials(sweep, study, host.given)
    found = rows(sweep, study)
    path = write_table(sweep, found)
    for line in table(sweep, found):
        click.echo(line)
    click.echo(f"table {path}")
    if page := write_page(sweep, found):
        click.echo(f"comparison {page}")
    if stopped:
        click.echo(f"go on with: zoo sweep --join {sweep.path}")
        raise click.Abort
    if found and found[0].epoch:
        click.echo(f"best: {sweep.path / found[0].run}")
