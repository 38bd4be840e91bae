"""A sweep's directory: what is to be tried, the study's journal, the locks, and the runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zoo
from zoo import Host, Recipe, ZooError
from zoo_sweep.space import Values, overrides

SETTINGS = "sweep.json"
BASE = "base.json"
FORMAT = 1


@dataclass(frozen=True)
class Sweep:
    """What is to be tried.

    Args:
        path: the directory.
        recipe: the name of the recipe.
        base: its data, with what it extends and without overrides.
        space: the keys and their values.
        trials: how many; 0 for every combination.
        monitor: the figure that decides, a column of `history.csv`.
        mode: `max` or `min`.
        pruner: what ends a trial early: `none`, `median` or `hyperband`.
        sampler: what chooses the values where not every combination is tried: `tpe` or `random`.
        seed: of the sampler.
    """

    path: Path
    recipe: str
    base: dict[str, Any]
    space: tuple[Values, ...]
    trials: int
    monitor: str
    mode: str
    pruner: str
    sampler: str
    seed: int

    @property
    def swept(self) -> list[Values]:
        """The keys that have several values."""
        return [values for values in self.space if values.is_swept]

    def words(self, chosen: dict[str, str]) -> list[str]:
        """Return the overrides of one trial."""
        return overrides(self.space, chosen)

    def load(self, chosen: dict[str, str], host: Host, *, strict: bool = True) -> Recipe:
        """Load the recipe of one trial.

        Raises:
            RecipeError: if it is not valid, unless `strict` is false.
        """
        return zoo.load_recipe(self.path / BASE, *self.words(chosen), host=host, strict=strict)

    def write(self) -> None:
        """Write the directory's settings; those of the same sweep may be there already.

        Raises:
            ZooError: if the directory holds another sweep, or cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if (self.path / SETTINGS).is_file():
                self._require_same(read_sweep(self.path))
                return
            # The settings come last: a directory that has them has all.
            for name, data in ((BASE, self.base), (SETTINGS, self._as_json())):
                partial = self.path / f".{name}.partial"
                partial.write_text(f"{json.dumps(data, indent=2)}\n", encoding="utf-8")
                partial.replace(self.path / name)
        except OSError as error:
            raise ZooError(f"cannot write to {self.path}: {error.strerror or error}") from error

    def _as_json(self) -> dict[str, Any]:
        data = {name: value for name, value in asdict(self).items() if name not in ("path", "base")}
        return {"format": FORMAT, **data}

    def _require_same(self, other: Sweep) -> None:
        names = [
            name
            for name, value in asdict(self).items()
            if name != "path" and value != asdict(other)[name]
        ]
        if names:
            told = {"base": "what the recipe says", "space": "the keys and values"}
            raise ZooError(
                f"{self.path} holds another sweep: it differs in {', '.join(told.get(n, n) for n in names)}; go on "
                f"with it by 'zoo sweep --join {self.path}', or give this one another folder by --out"
            )


def read_sweep(path: Path) -> Sweep:
    """Read the settings of a sweep's directory.

    Raises:
        ZooError: if it is none.
    """
    try:
        data = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
        base = json.loads((path / BASE).read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT:
            raise ValueError("another format")
        space = tuple(
            Values(**{**item, "texts": tuple(item["texts"])}) for item in data.pop("space")
        )
        return Sweep(path=path, base=base, space=space, **data)
    except FileNotFoundError as error:
        raise ZooError(
            f"{path} is no sweep: it holds no {SETTINGS}; 'zoo sweep RECIPE key=a,b' begins one"
        ) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ZooError(f"{path / SETTINGS} is not what 'zoo sweep' wrote") from error
