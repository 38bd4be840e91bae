"""Pictures that a user names to evaluate a model on: a folder, a manifest, or the dataset of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.data.checks import REPAIR, PictureFormats, refuse, unusable
from zoo.data.dataset import Dataset, Examples
from zoo.data.layout import Found, Item, Pair, Places, Single
from zoo.data.manifest import SUFFIXES as MANIFESTS
from zoo.data.manifest import Manifest
from zoo.data.pairs import FilePairs, Pairs
from zoo.data.preparation import Preparation, preparation_of
from zoo.data.preparation_options import PreparationOptions
from zoo.data.selection import Where
from zoo.data.unpaired import PictureFiles, PreparedPictures, Unpaired
from zoo.errors import ZooError
from zoo.evaluation.data import EvaluationData, Joined, held_out
from zoo.evaluation.own_data import DATASET
from zoo.pictures import Formats
from zoo.plugins import Host
from zoo.recipe.load import Recipe, load_recipe
from zoo.runs.run import model_name

# The sides of the folder `derived` are made when they are read.
DERIVED = "derived"


def other_data(
    given: Dataset | str | Path,
    *,
    formats: Formats,
    size: tuple[int, int],
    recipe: Recipe | None,
    host: Host,
) -> EvaluationData:
    """Return the pictures that a user names.

    Args:
        given: a dataset; a folder of pairs, of which a part `test` or `val` is taken if it has one; a manifest; or a
            recipe, of whose dataset the held-out pictures are taken.
        formats: by which the model reads and writes files.
        size: height and width that the model's network sees.
        recipe: of the model's run: files are brought to the network's size as its dataset says; None if not known.
        host: where recipes are looked up.

    Raises:
        ZooError: if there are no such pictures.
        DataError: if they cannot be used; names them.
    """
    if isinstance(given, Dataset):
        return held_out(given, label="data")
    path = Path(given).expanduser()
    is_manifest = path.suffix.lower() in MANIFESTS and not path.is_dir()
    label = model_name(path.resolve().stem if path.exists() else str(given))
    if is_manifest or path.is_dir():
        if is_manifest and not path.is_file():
            raise ZooError(f"the manifest {path} does not exist")
        choice = None if recipe is None else recipe.choices.get(DATASET)
        if choice is not None and choice.component.name == DERIVED and path.is_dir():
            return _derived(path, choice.component.create, choice.arguments, formats, label)
        arguments = {} if choice is None else choice.arguments
        return _Files(path, formats, size, arguments, label).data()
    loaded = load_recipe(given, host=host, only=DATASET)
    if DATASET not in loaded.choices:
        raise ZooError(f"the recipe {given} names no dataset to evaluate on")
    dataset: Dataset = loaded.choices[DATASET].create()
    return held_out(dataset, label=label)


def _derived(
    path: Path, create: Any, arguments: Mapping[str, Any], formats: Formats, label: str
) -> EvaluationData:
    """Return the pictures of a folder with the sources that a run's dataset makes from them."""
    dataset: Dataset = create({**arguments, "path": str(path)})
    if dataset.formats != formats:
        raise ZooError(
            f"the pictures in {path} would be read otherwise than those that the model was trained on; give a recipe "
            "whose dataset states the same target_format.range"
        )
    data = held_out(dataset, label=label)
    if any((path / str(part)).is_dir() for part in (arguments["test"], "val")):
        return data
    examples = Joined(dataset.train, dataset.test)
    return EvaluationData(
        examples, formats, True, f"all {len(examples)} pictures in {path}", None, label
    )


class _Files:
    """Pairs, or two piles, in files.

    Args:
        path: the folder or the manifest.
        formats: of sources and targets.
        size: of what the network sees.
        arguments: of the run's dataset, where they are known.
        label: of the data.
    """

    def __init__(
        self,
        path: Path,
        formats: Formats,
        size: tuple[int, int],
        arguments: Mapping[str, Any],
        label: str,
    ) -> None:
        self.path = path
        self.formats = formats
        self.arguments = arguments
        self.label = label
        self.reverse = arguments.get("direction") == "b_to_a"
        options = {
            name: arguments[name]
            for name in PreparationOptions.__annotations__
            if name in arguments
        }
        self.preparation: Preparation = preparation_of(**{**options, "size": size})

    def data(self) -> EvaluationData:
        """Return the pictures."""
        if self.arguments.get("paired", True):
            found, part = self._part("pairs")
            examples: Examples = self._pairs(found[0])
        else:
            found, part = self._part("unpaired")
            examples = self._piles(*found)
        told = f"{self.path}/{part}" if part and self.path.is_dir() else str(self.path)
        count = len(examples)
        paired = bool(self.arguments.get("paired", True))
        noun = "pairs" if paired else "examples"
        return EvaluationData(
            examples, self.formats, paired, f"{count} {noun} in {told}", None, self.label
        )

    def _part(self, find: str) -> tuple[tuple[Found[Any], ...], str | None]:
        """Return what the first part holds that holds something: the held-out ones, or what belongs to no part."""
        where = self._places()
        held_out = str(self.arguments.get("test") or "test")
        for part in (held_out, "val", None):
            found = getattr(where, find)(part)
            if any(found):
                return found, part
        raise where.nothing()

    def _places(self) -> Where:
        if not self.path.is_dir():
            return Manifest(self.path)
        a, b = (str(self.arguments.get(side, side.upper())) for side in ("a", "b"))
        sides = ("target", "source") if self.reverse else ("source", "target")
        if all((self.path / side).is_dir() for side in sides):
            a, b = sides
        nested = bool(self.arguments.get("nested", False))
        return Places(self.path, "auto", a, b, nested, ("train", "test", "val"))

    def _pairs(self, found: Found[Pair]) -> Examples:
        source, target = self.formats.source, self.formats.target
        a, b = (target, source) if self.reverse else (source, target)
        jobs: list[tuple[Pair | Single, PictureFormats]] = [
            (pair, ((a,), (b,)) if pair.b else ((a,) if a == b else (a, b),))
            for pair in found.items
        ]
        preparation = self._checked(found, jobs)
        return Pairs(FilePairs(found.items, (source, target), reverse=self.reverse), preparation)

    def _piles(self, a: Found[Single], b: Found[Single]) -> Examples:
        piles = (b, a) if self.reverse else (a, b)
        prepared = []
        for pile, form in zip(piles, (self.formats.source, self.formats.target), strict=True):
            preparation = self._checked(pile, [(item, ((form,),)) for item in pile.items])
            prepared.append(PreparedPictures(PictureFiles(pile.items, form), preparation))
        return Unpaired(*prepared)

    def _checked(
        self, found: Found[Item], jobs: list[tuple[Pair | Single, PictureFormats]]
    ) -> Preparation:
        """Return the preparation, having seen that all files fit it; what they hold is seen when they are read."""
        bad = found.unusable | unusable(jobs, self.preparation, verify=False)
        if bad:
            raise refuse(self.path, bad, f"{REPAIR}.")
        return self.preparation
