"""Opening a trained model, whichever it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.export.opened import Export, is_export, load_export
from zoo.runs.run import Run, load_run

if TYPE_CHECKING:
    from zoo.plugins import Host


def load_model(path: str | Path, *, host: Host | None = None) -> Run | Export:
    """Open a run or an export; both translate pictures when they are called. Imports no backend.

    Args:
        path: of a run directory, or the beginning of its name below `runs/`; or of an export's folder.
        host: the plugins that it may need, as `zoo.load_host` returns them; None for the installed ones.

    Raises:
        ZooError: if it is neither.
    """
    return load_export(path, host=host) if is_export(Path(path)) else load_run(path, host=host)
