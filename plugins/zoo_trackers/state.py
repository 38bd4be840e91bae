"""What trackers have logged of a run: a file in its directory, so that a resumed run goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo import ZooError

STATE = "tracking.json"


@dataclass
class State:
    """What one tracker has logged of a run.

    Args:
        id: of the tracker's own run; empty before the first time.
        epoch: the last one whose figures are logged, from 1; 0 for none.
        picture: the epoch of the last sample grid that is logged, from 0; -1 for none.
    """

    id: str = ""
    epoch: int = 0
    picture: int = -1


def read_state(run: Path, key: str) -> State:
    """Return what a tracker has logged of a run.

    Args:
        run: the run directory.
        key: the tracker, and where it logs.

    Raises:
        ZooError: if the file is not what `write_state` wrote.
    """
    try:
        state: dict[str, Any] = _read(run).get(key, {})
        return State(**state)
    except (ValueError, TypeError, AttributeError) as error:
        raise ZooError(
            f"{run / STATE} is not what a tracker wrote; remove it, and the trackers begin runs of their own anew"
        ) from error


def write_state(run: Path, key: str, state: State) -> None:
    """Write what a tracker has logged of a run, beside what others have.

    Args:
        run: the run directory.
        key: the tracker, and where it logs.
        state: the new state.
    """
    text = json.dumps({**_read(run), key: asdict(state)}, indent=2)
    partial = run / f".{STATE}.partial"
    partial.write_text(f"{text}\n", encoding="utf-8")
    partial.replace(run / STATE)


def _read(run: Path) -> dict[str, dict[str, Any]]:
    file = run / STATE
    found: dict[str, dict[str, Any]] = (
        json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    )
    return found
