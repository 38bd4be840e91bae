"""Differences of figures between two runs, picture by picture."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RESAMPLES = 10_000
CONFIDENCE = 0.95
SEED = 0
# Resamples are drawn in blocks of so many numbers, so that thousands of pictures fit into memory.
BLOCK = 2_000_000

PerPicture = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class PairedDifference:
    """The mean difference of a figure over the pictures that two runs have in common.

    Args:
        mean: the second run's figures less the first's.
        low: of the bootstrap interval of the mean.
        high: of the same.
        pictures: how many are in common.
    """

    mean: float
    low: float
    high: float
    pictures: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def read_pictures(path: Path) -> dict[str, dict[str, float]]:
    """Read `pictures.csv`: by metric, the figure of each picture by its name; none if there is no such file.

    Cells that are empty or no finite number are left out, as are names that several pictures have.
    """
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    counted = Counter(row["name"] for row in rows)
    return {
        metric: {
            row["name"]: float(row[metric])
            for row in rows
            if counted[row["name"]] == 1 and row[metric] and np.isfinite(float(row[metric]))
        }
        for metric in (rows[0] if rows else {})
        if metric != "name"
    }


def paired_difference(
    first: Mapping[str, float], second: Mapping[str, float]
) -> PairedDifference | None:
    """Return how a figure differs between two runs on the pictures that both have; None if these are fewer than two.

    The interval is the percentile bootstrap's over the pictures (Efron & Tibshirani, 1993), with fixed seeds.

    Args:
        first: figures by the pictures' names.
        second: the same of the other run.
    """
    names = sorted(first.keys() & second.keys())
    if len(names) < 2:
        return None
    values = np.array([second[name] - first[name] for name in names])
    random = np.random.default_rng(SEED)
    block = max(1, BLOCK // len(values))
    means = np.concatenate(
        [
            values[
                random.integers(0, len(values), (min(block, RESAMPLES - done), len(values)))
            ].mean(axis=1)
            for done in range(0, RESAMPLES, block)
        ]
    )
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, (tail, 1 - tail))
    return PairedDifference(float(values.mean()), float(low), float(high), len(values))
