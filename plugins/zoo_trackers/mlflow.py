"""MLflow: runs at a tracking server, or in a database in the run directory."""

from __future__ import annotations

import logging
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image

from zoo import Experiment, Run, ZooError
from zoo_trackers.contents import flat
from zoo_trackers.tracker import Tracker

TRACKING_URI = "MLFLOW_TRACKING_URI"
EXPERIMENT = "MLFLOW_EXPERIMENT_NAME"
# The library tells its makers how it is used, and waits minutes for a server that is away; who sets them is heeded.
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
MOST_PARAMETERS = 100  # in one request
ANSWER_SECONDS = 10.0
STATUS = {"completed": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}


class MLflow(Tracker):
    """Logs a run to MLflow.

    The keys of the recipe are parameters, figures metrics under the names that `history.csv` has, by epoch; sample
    grids are images; `recipe.yaml`, `environment.json` and at the end `report.html` are artifacts; the tag
    `run_directory` says where the run is.

    Args:
        uri: of the tracking server or store; where it is not given, what the environment variable MLFLOW_TRACKING_URI
            says, or else a database in the run directory.
        experiment: its name; where it is not given, what MLFLOW_EXPERIMENT_NAME says, or else the recipe's name.
        log_model: whether the trained generator becomes an artifact.
    """

    NAME = "mlflow"

    def __init__(
        self, *, uri: str | None = None, experiment: str | None = None, log_model: bool = False
    ) -> None:
        super().__init__()
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        self.uri = uri or os.environ.get(TRACKING_URI) or ""
        self.experiment = experiment or os.environ.get(EXPERIMENT) or ""
        self.log_model = log_model
        self._client: Any = None
        self._id = ""
        if self.uri.startswith(("http://", "https://")):
            _see_that_it_answers(self.uri, self.place)

    @property
    def place(self) -> str:
        """The address, without user and password."""
        names, at, _ = urllib.parse.urlsplit(self.uri).netloc.rpartition("@")
        return self.uri.replace(f"{names}{at}", "", 1) if at else self.uri

    def begin(self, run: Run, experiment: Experiment, id: str) -> str:
        """Go on with an MLflow run, or create one with parameters, tags and recipe."""
        from mlflow import MlflowClient
        from mlflow.entities import Param

        # It tells how it makes the tables of a new database.
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        local = run.path.resolve() / "mlflow"
        if not self.uri:
            local.mkdir(exist_ok=True)
        self._client = MlflowClient(self.uri or f"sqlite:///{local / 'mlflow.db'}")
        if id:
            self._client.get_run(id)
            self._client.update_run(id, status="RUNNING")
        else:
            artifacts = None if self.uri else (local / "artifacts").as_uri()
            place = self._experiment_id(self.experiment or run.name, artifacts)
            tags = {"run_directory": str(run.path.resolve())}
            id = self._client.create_run(place, run_name=run.path.name, tags=tags).info.run_id
            parameters = [Param(key, str(value)) for key, value in flat(run.recipe).items()]
            for start in range(0, len(parameters), MOST_PARAMETERS):
                self._client.log_batch(id, params=parameters[start : start + MOST_PARAMETERS])
        self._id = id
        for name in ("recipe.yaml", "environment.json"):
            self._client.log_artifact(id, str(run.path / name))
        return id

    def log(self, epoch: int, figures: dict[str, float], picture: Path | None) -> None:
        """Log metrics in one request, and the grid."""
        self._log_figures(figures, epoch)
        if picture is not None:
            with Image.open(picture) as opened:
                self._client.log_image(
                    self._id, opened.convert("RGB"), key="samples", step=epoch, synchronous=True
                )

    def finish(self, run: Run, figures: dict[str, float]) -> None:
        """Log the figures on held-out pictures, report, curves and, if asked, the generator."""
        self._log_figures(figures, int(run.metrics["epochs"]))
        for name in ("report.html", "metrics.json", "curves.png"):
            if (run.path / name).is_file():
                self._client.log_artifact(self._id, str(run.path / name))
        generator = run.path / "generator.keras"
        if self.log_model and generator.is_file():
            self._client.log_artifact(self._id, str(generator), "model")
        self._client.set_terminated(self._id, STATUS[run.metrics["status"]])

    def _log_figures(self, figures: dict[str, float], epoch: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, epoch) for name, value in figures.items()]
        self._client.log_batch(self._id, metrics=metrics)

    def _experiment_id(self, name: str, artifacts: str | None) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(name, artifact_location=artifacts))


def _see_that_it_answers(uri: str, shown: str) -> None:
    """See that there is a server, before anything is trained; whatever it answers, it is there."""
    try:
        urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=ANSWER_SECONDS).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except OSError as error:
        raise ZooError(
            f"the MLflow server at {shown} does not answer: {getattr(error, 'reason', error)}; start it, or unset "
            f"{TRACKING_URI} and uri to log into the run directory"
        ) from error
