"""The figures of several runs, and how they differ from the first one's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoo.report.compared import Compared
from zoo.report.evaluation import Figure, interval, with_unit
from zoo.report.paired import PairedDifference, paired_difference
from zoo.runs.formatting import number


@dataclass(frozen=True)
class Difference:
    """How a run's figure differs from the first one's.

    Args:
        text: the mean difference over common pictures; a dash if there is none.
        interval: of the mean.
        verdict: in words; empty if there is none.
    """

    text: str = "–"
    interval: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Row:
    """A figure of all runs.

    Args:
        label: as people call it.
        better: `higher` or `lower`, or empty.
        figures: one for each run, None where it has none.
        differences: of each run but the first.
    """

    label: str
    better: str
    figures: list[Figure | None]
    differences: list[Difference]

    @property
    def common(self) -> bool:
        """Whether two runs have it."""
        return sum(item is not None for item in self.figures) > 1


def figure_rows(compared: Sequence[Compared]) -> Iterator[Row]:
    """Yield the figures that any of the runs has; differences are paired, where both name the same pictures."""
    first, *others = compared
    for name in dict.fromkeys(name for item in compared for name in item.figures):
        found = [item.figures.get(name) for item in compared]
        told = next(item for item in found if item)
        unit = (first.measured.get("figures", {}).get(name) or {}).get("unit") or ""
        yield Row(
            told.label,
            told.better,
            found,
            [
                _difference(
                    paired_difference(
                        first.per_picture.get(name, {}), item.per_picture.get(name, {})
                    ),
                    told.better,
                    unit,
                )
                for item in others
            ],
        )


def _difference(found: PairedDifference | None, better: str, unit: str) -> Difference:
    if found is None:
        return Difference()
    verdict = "no clear difference"
    if found.is_clear:
        is_better = (found.mean > 0) == (better == "higher")
        verdict = ("better" if is_better else "worse") if better else "differs"
    sign = "+" if found.mean > 0 else ""
    return Difference(
        f"{sign}{with_unit(found.mean, unit)}",
        f"{interval(found.low, found.high)}, {number(found.pictures)} pictures",
        verdict,
    )
