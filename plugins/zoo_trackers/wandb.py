"""Weights & Biases: runs online where there is a key, otherwise files in the run directory to be sent later."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any, Literal

from zoo import Experiment, Run, ZooError
from zoo_trackers.tracker import Tracker

MODE = "WANDB_MODE"
# The library tells its makers of its own errors; who sets it is heeded.
SETTINGS = {"WANDB_ERROR_REPORTING": "false"}
BEGIN_SECONDS = 60.0
# What the library would keep in the home folder; offline it is put below the run's.
FOLDERS = ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")


class WandB(Tracker):
    """Logs a run to Weights & Biases.

    The recipe is the config, figures are logged under the names that `history.csv` has, by epoch; sample grids are
    images; the figures on held-out pictures are in the summary. Its files are in the run directory, below `wandb`.

    Args:
        project: its name; where it is not given, what WANDB_PROJECT says, or else the recipe's name.
        entity: user or team; where it is not given, what WANDB_ENTITY says, or else the account's own.
        mode: `online` sends while training, `offline` writes files for `wandb sync`; where it is not given, what
            WANDB_MODE says, or else `online` if there is a key, by WANDB_API_KEY or `wandb login`.
        log_model: whether the trained generator becomes an artifact.
    """

    NAME = "wandb"

    def __init__(
        self,
        *,
        project: str | None = None,
        entity: str | None = None,
        mode: Literal["online", "offline"] | None = None,
        log_model: bool = False,
    ) -> None:
        super().__init__()
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        self.project = project or os.environ.get("WANDB_PROJECT")
        self.entity = entity
        self.mode = mode
        self.log_model = log_model
        self._tracked: Any = None
        self._moved: list[str] = []
        if self._asked == "online" and not _has_key():
            raise ZooError(
                "Weights & Biases has no key for this machine; run 'wandb login', set WANDB_API_KEY, or choose the "
                "mode offline, by the argument mode or WANDB_MODE"
            )

    @property
    def _asked(self) -> str:
        """The mode that somebody asked for; empty for none."""
        return self.mode or os.environ.get(MODE, "")

    def begin(self, run: Run, experiment: Experiment, id: str) -> str:
        """Open a run of Weights & Biases, or go on with one."""
        import wandb

        id = id or uuid.uuid4().hex[:8]
        mode: Any = self._asked or ("online" if _has_key() else "offline")
        if mode == "offline":
            self._moved = [name for name in FOLDERS if name not in os.environ]
            folder = str(run.path.resolve() / "wandb" / "library")
            os.environ.update(dict.fromkeys(self._moved, folder))
        self._tracked = wandb.init(
            project=self.project or run.name,
            entity=self.entity,
            id=id,
            name=run.path.name,
            dir=str(run.path.resolve()),
            config={**run.recipe, "run_directory": str(run.path.resolve())},
            allow_val_change=True,
            resume="allow" if mode == "online" else None,
            mode=mode,
            reinit="create_new",
            settings=wandb.Settings(console="off", silent=True, init_timeout=BEGIN_SECONDS),
        )
        return id

    def log(self, epoch: int, figures: dict[str, float], picture: Path | None) -> None:
        """Log figures and the grid as one step."""
        import wandb

        logged: dict[str, Any] = {"epoch": epoch, **figures}
        if picture is not None:
            logged["samples"] = wandb.Image(str(picture))
        self._tracked.log(logged, step=epoch, commit=True)

    def finish(self, run: Run, figures: dict[str, float]) -> None:
        """Put the figures on held-out pictures into the summary, and the generator among the artifacts if asked."""
        import wandb

        self._tracked.summary.update({**figures, "status": run.metrics["status"]})
        generator = run.path / "generator.keras"
        if self.log_model and generator.is_file():
            artifact = wandb.Artifact(f"{run.name}-generator", type="model")
            artifact.add_file(str(generator))
            self._tracked.log_artifact(artifact)
        self._tracked.finish(exit_code=1 if run.metrics["status"] == "failed" else 0)
        for name in self._moved:
            os.environ.pop(name, None)


def _has_key() -> bool:
    import wandb

    # Without asking a server, and without asking anybody at the terminal.
    return bool(wandb.login(prompt=False, verify=False))
