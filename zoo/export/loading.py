"""Opening a trained model, whichever it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.export.opened import ABOUT, Export, is_export, load_export
from zoo.runs.files import EXPORTS, GENERATOR
from zoo.runs.run import Checkpoint, Run, load_run

if TYPE_CHECKING:
    from zoo.plugins import Host


def load_model(
    path: str | Path, *, host: Host | None = None, checkpoint: Checkpoint = "last"
) -> Run | Export:
    """Open a run or an export; both translate pictures when they are called. Imports no backend.

    Args:
        path: of a run directory, or the beginning of its name below `runs/`; or of an export's folder.
        host: the plugins that it may need, as `zoo.load_host` returns them; None for the installed ones.
        checkpoint: of a run, `best` for the generator of its best epoch; see `load_run`.

    Raises:
        ZooError: if it is neither, or has no such checkpoint.
    """
    if not is_export(Path(path)):
        return load_run(path, host=host, checkpoint=checkpoint)
    if checkpoint != "last":
        raise ZooError(
            f"{path} is an export, which holds one network; export that of the best epoch with: zoo export RUN "
            "--checkpoint best"
        )
    return load_export(path, host=host)


def list_exports(run: Run) -> list[Export]:
    """Return the exports in a run's own folder that are no older than its generator, sorted by name.

    Args:
        run: the run; its networks are not loaded.
    """
    folder, trained = run.path / EXPORTS, run.path / GENERATOR
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        load_export(path, host=run.host)
        for path in paths
        if is_export(path) and not (trained.is_file() and _time(trained) > _time(path / ABOUT))
    ]


def _time(path: Path) -> float:
    return path.stat().st_mtime
