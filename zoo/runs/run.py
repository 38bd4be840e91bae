"""Runs: one execution of a recipe and the directory that holds all of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zoo.errors import ZooError, nearest
from zoo.runs.files import (
    BEST,
    CHECKPOINTS,
    EXAMPLES,
    GENERATOR,
    HISTORY,
    INVERSE_GENERATOR,
    METRICS,
    PICTURES,
    RECIPE,
    SAMPLES,
    WARNINGS,
    write_text,
)
from zoo.runs.table import Table, history_table

if TYPE_CHECKING:
    import keras
    import numpy as np
    from PIL.Image import Image

    from zoo.pictures import Formats
    from zoo.plugins import Host
    from zoo.translation.translator import Translator


Checkpoint = Literal["last", "best"]
"""Which epoch's generator: that of the last one, or of that with the best figure of `checkpoints.best`."""

# What `create_run` adds to the recipe's name.
STAMP = re.compile(r"-\d{8}-\d{6}(-\d+)?$")


@dataclass(frozen=True)
class Run:
    """A run's directory, opened.

    `run(picture)` translates one picture of any size; `run.generator` is the trained network.

    Args:
        path: the directory.
        host: the plugins that its networks may need; None for the installed ones.
        checkpoint: `last`, or `best` for the generator of the epoch that `checkpoints.best` of its recipe chose.
    """

    path: Path
    host: Host | None = field(default=None, compare=False, repr=False)
    checkpoint: Checkpoint = "last"

    @property
    def name(self) -> str:
        """A name for its model that servers and file systems take: that of the run, without its time."""
        return model_name(STAMP.sub("", self.path.resolve().name))

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe as plain data."""
        from zoo.recipe.document import read_document

        return read_document(self.path / RECIPE).data

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The figures of `metrics.json`; empty while training has not come to an end."""
        file = self.path / METRICS
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @property
    def status(self) -> str:
        """`completed`, `stopped`, `failed` or `imported`; `unfinished` while training has not come to an end."""
        return str(self.metrics.get("status", "unfinished"))

    @property
    def history(self) -> Table:
        """A row an epoch, as `history.csv` has them now: `run.history["val_psnr"]` is a column, an array."""
        return history_table(self.path / HISTORY)

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What training warned of: epoch, step, kind, message, and docs, where the kind is described."""
        file = self.path / WARNINGS
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return [json.loads(line) for line in lines]

    @cached_property
    def formats(self) -> Formats:
        """How pictures are stored in files, and which values become -1 and 1; RGB if the run does not say."""
        from zoo.pictures import Formats

        file = self.path / PICTURES
        if not file.is_file():
            return Formats()
        return Formats.from_json(json.loads(file.read_text(encoding="utf-8")))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that the generator sees."""
        height, width = self.generator.input_shape[1:3]
        return height, width

    def examples(self, part: str = "held_out", side: str = "source") -> list[Path]:
        """Return pictures of its dataset that the run keeps, files of the network's size.

        Args:
            part: `held_out` or `training`.
            side: `source` or `target`; of pairs those of the same number belong together.
        """
        from zoo.runs.examples import list_examples

        return list_examples(self.path / EXAMPLES, part, side)

    @cached_property
    def generator(self) -> keras.Model:
        """The trained generator: pictures in [-1, 1] to pictures in [-1, 1], channels last.

        It holds the recipe's choice about dropout and batch statistics.

        Raises:
            ZooError: if the run has no generator, or its file cannot be loaded.
        """
        return load_network(self.path / self.file_of(), self.host, self.path)

    def file_of(self, *, inverse: bool = False) -> str:
        """Return the file in the run that holds the network that translates.

        Args:
            inverse: from target to source.
        """
        if inverse:
            return INVERSE_GENERATOR
        return BEST if self.checkpoint == "best" else GENERATOR

    @cached_property
    def inverse_generator(self) -> keras.Model:
        """The trained generator from target to source pictures, of a model that translates both ways.

        Raises:
            ZooError: if the run has none, or its file cannot be loaded.
        """
        self.require_inverse()
        return load_network(self.path / INVERSE_GENERATOR, self.host)

    def require_inverse(self) -> None:
        """See that the run has a generator from target to source.

        Raises:
            ZooError: if it has none.
        """
        if self.checkpoint == "best":
            raise ZooError(
                f"{self.path} keeps the best epoch's generator of one direction, from source to target; leave out the "
                "checkpoint, to have the last epoch's of the other"
            )
        if not (self.path / INVERSE_GENERATOR).is_file():
            raise ZooError(
                f"{self.path} has no {INVERSE_GENERATOR}: its model translates one way only"
            )

    def translator(
        self, *, inverse: bool = False, threads: int | None = None, **options: Any
    ) -> Translator:
        """Return what translates pictures of any size with a generator.

        Args:
            inverse: with the inverse generator, from target to source.
            threads: of no use here: Keras shares the cores out by itself.
            options: of `Translator`, such as `batch_size` and `overlap`.

        Raises:
            ZooError: if the run has no such generator.
        """
        from zoo.models.shared_statistics import settling
        from zoo.translation.tiling import alignment_of
        from zoo.translation.translator import Translator

        del threads
        network = self.inverse_generator if inverse else self.generator
        height, width = network.input_shape[1:3]
        return Translator(
            network,
            (height, width),
            formats=self.formats.reversed if inverse else self.formats,
            alignment=alignment_of(network),
            settle=settling(network),
            **options,
        )

    @cached_property
    def settle(self) -> Callable[[np.ndarray], Callable[[np.ndarray], Any]] | None:
        """Of a generator that normalises each picture by its own statistics, what settles them; see `Translator`."""
        from zoo.models.shared_statistics import settling

        return settling(self.generator)

    @cached_property
    def _translator(self) -> Translator:
        return self.translator()

    def __call__(self, picture: np.ndarray | Image) -> np.ndarray | Image:
        """Translate one picture; returns what was given: an array or a PIL image of the same height and width.

        Args:
            picture: array (height, width, channels) or (height, width) of the type of the values in source files,
                floats in [-1, 1], or a PIL image; see `Translator`.
        """
        return self._translator(picture)

    def show(self, n: int = 4, part: str = "held_out") -> Image:
        """Translate pictures of its dataset and return them beside their sources, and of pairs beside their targets.

        The image shows itself in a notebook, and has `save(path)`.

        Args:
            n: how many, spread over those that the run keeps.
            part: `held_out` or `training`.

        Raises:
            ZooError: if the run keeps none.
        """
        from zoo.runs.shown import show_translated

        if n < 1:
            raise ZooError(f"n is {n}; expected 1 or more pictures")
        sources, targets = (self.examples(part, side) for side in ("source", "target"))
        if not sources:
            raise ZooError(
                f"{self.path} keeps no pictures of the part '{part}'; expected held_out or training, of a run that was "
                "trained here; for other pictures: zoo.show(source=picture, translated=run(picture))"
            )
        dataset = self.recipe.get("dataset") or {}
        unpaired = dataset.get("paired") is False or (self.path / INVERSE_GENERATOR).is_file()
        return show_translated(sources, targets, self.formats, self, n, paired=not unpaired)

    def _repr_html_(self) -> str:
        from zoo.runs.shown import run_as_html

        return run_as_html(self.path, self.status, self.recipe, self.metrics, self.warnings)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what opens it again, without the networks that are loaded."""
        return Run, (self.path, self.host, self.checkpoint)


def model_name(text: str) -> str:
    """Return a text as a name for a model, of letters, digits, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "model"


def load_network(path: Path, host: Host | None = None, folder: Path | None = None) -> keras.Model:
    """Load a network file of a run, without its training state.

    Args:
        path: the file.
        host: the plugins whose layers it may hold; None for the installed ones.
        folder: of the run; None is that of the file.

    Raises:
        ZooError: if it is missing or cannot be loaded.
    """
    import keras

    import zoo.models.inference  # noqa: F401  its layers register themselves with Keras
    from zoo.plugins import load_host
    from zoo.runs.plugin_record import note_changes, unloadable

    if not path.is_file():
        raise ZooError(f"{path} does not exist; the run has not saved a generator yet")
    if host is None:
        load_host()  # layers of installed plugins register themselves with Keras
    folder = folder or path.parent
    note_changes(folder)
    try:
        return keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise unloadable(path, folder, error) from error


def load_run(path: str | Path, *, host: Host | None = None, checkpoint: Checkpoint = "last") -> Run:
    """Open a run directory.

    Args:
        path: the directory; or the beginning of its name below `runs/`, of which the newest is taken.
        host: the plugins that its networks may need, as `zoo.load_host` returns them; None for the installed ones.
        checkpoint: `best` for the generator of the epoch that was the best by the recipe's `checkpoints.best`.

    Raises:
        ZooError: if it is not a run, or has no such checkpoint.
    """
    given = Path(path)
    if (given / RECIPE).is_file():
        return _with_checkpoint(Run(given, host, checkpoint))
    if len(given.parts) == 1:
        named = [run for run in list_runs() if run.path.name.startswith(str(path))]
        if named:
            return _with_checkpoint(Run(named[-1].path, host, checkpoint))
    if given.is_dir():
        raise ZooError(f"{given} is not a run: it holds no {RECIPE}")
    names = [run.path.name for run in list_runs()]
    raise ZooError(
        f"the run {given} does not exist; 'zoo runs' lists those below runs/.{nearest(given.name, names)}"
    )


def _with_checkpoint(run: Run) -> Run:
    """Return a run, having seen that it has the best checkpoint, if that is asked for."""
    if run.checkpoint not in ("last", "best"):
        raise ZooError(f"there is no checkpoint '{run.checkpoint}'; expected last or best")
    if run.checkpoint == "best" and not (run.path / BEST).is_file():
        raise ZooError(
            f"{run.path} has no {BEST}: no epoch was chosen as the best; checkpoints.best.monitor of a recipe names "
            "the figure that chooses it, such as val_psnr"
        )
    return run


def list_runs(root: Path = Path("runs")) -> list[Run]:
    """Return the runs below a folder, oldest first."""
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if (path / RECIPE).is_file()]
    return [Run(path) for path in sorted(found, key=_started)]


def _started(path: Path) -> tuple[float, str]:
    return (path / RECIPE).stat().st_mtime, path.name


def create_run(root: Path, recipe_name: str, recipe_yaml: str) -> Run:
    """Make the directory of a new run, named after the recipe and the time, with its resolved recipe.

    Raises:
        ZooError: if it cannot be written.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    try:
        for path in _free_names(root / f"{recipe_name}-{stamp}"):
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                continue
            break
        (path / CHECKPOINTS).mkdir()
        (path / SAMPLES).mkdir()
        write_text(path / RECIPE, recipe_yaml)
    except OSError as error:
        raise ZooError(
            f"the run directory cannot be made below {root}: {error.strerror}"
        ) from error
    return Run(path)


def _free_names(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
