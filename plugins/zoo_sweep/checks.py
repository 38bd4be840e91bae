"""What is wrong with a sweep, told before anything is trained."""

from __future__ import annotations

import inspect
from typing import Any

from zoo import Host, Recipe, ZooError, nearest
from zoo_sweep.space import combinations
from zoo_sweep.sweep import Sweep

MOST_COMBINATIONS = 10_000


def check_points(sweep: Sweep, host: Host) -> Recipe:
    """Load the recipe of every combination, of ranges that of their ends; return the first one.

    Args:
        sweep: written to its directory.
        host: the plugins.

    Raises:
        ZooError: with every problem of all of them.
    """
    first: Recipe | None = None
    told: dict[str, None] = {}
    for number, chosen in enumerate(combinations(sweep.space)):
        if number == MOST_COMBINATIONS:
            raise ZooError(
                f"there are more than {MOST_COMBINATIONS:,} combinations; try fewer values, or some of them by ranges "
                "and --trials"
            )
        recipe = sweep.load(chosen, host, strict=False)
        told |= dict.fromkeys(str(problem) for problem in recipe.problems)
        first = first or recipe
    if told:
        lines = "\n".join(f"  {line}" for line in told)
        count = "1 problem" if len(told) == 1 else f"{len(told)} problems"
        raise ZooError(f"{count} in the sweep of {sweep.recipe}, nothing was trained:\n{lines}")
    assert first is not None
    return first


def mode_of(recipe: Recipe, monitor: str, mode: str | None) -> str:
    """Return whether the highest or the lowest figure is best.

    Args:
        recipe: one of the sweep's.
        monitor: the figure, as the logs name it.
        mode: what was asked for; None to find it out.

    Raises:
        ZooError: if a held-out figure is not measured, or nobody says which is best.
    """
    measured: dict[str, Any] = {}
    for _, choice in recipe.choices_of(("evaluation", "metrics")):
        target = choice.component.target
        name = inspect.signature(target).parameters.get("name")
        known = name.default if name is not None and isinstance(name.default, str) else ""
        measured[f"val_{known or choice.component.name}"] = getattr(target, "_direction", None)
    if monitor.startswith("val_") and monitor not in measured:
        has = f"the recipe measures {', '.join(measured)}" if measured else "the recipe has none"
        raise ZooError(
            f"--monitor {monitor}: no metric gives that figure; {has}.{nearest(monitor, measured)}"
        )
    found = mode or {"up": "max", "down": "min"}.get(measured.get(monitor) or "")
    if not found:
        raise ZooError(
            f"nobody says whether a higher or a lower {monitor} is better; give --mode min or --mode max"
        )
    return found
