"""Arguments that name files of the run directory."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, get_args

from pydantic import AfterValidator


class InRun:
    """Marks an annotation: what it annotates is a path below the run directory."""


def _inside(path: str) -> str:
    inner = not any(
        kind(path).is_absolute() or kind(path).drive for kind in (PurePosixPath, PureWindowsPath)
    )
    if not inner or ".." in PurePosixPath(path.replace("\\", "/")).parts:
        raise ValueError(
            f"{path!r} leads out of the run directory; expected a path within it, such as logs/figures.csv"
        )
    return path


RunPath = Annotated[str, AfterValidator(_inside), InRun()]
"""A path below the run directory, where a recipe gives it; a component gets the whole path."""


def is_run_path(annotation: Any) -> bool:
    """Return whether an annotation is `RunPath`, alone or as `RunPath | None`.

    Args:
        annotation: of an argument.
    """
    if any(isinstance(item, InRun) for item in getattr(annotation, "__metadata__", ())):
        return True
    return any(is_run_path(item) for item in get_args(annotation) if item is not annotation)
