"""zoo: image-to-image translation on Keras 3, assembled from recipes and plugins.

Importing this package registers nothing and imports no backend; each name below is imported when it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.backend.random import Random as Random
    from zoo.data.dataset import Dataset as Dataset
    from zoo.data.dataset import Examples as Examples
    from zoo.data.loader import Loader as Loader
    from zoo.errors import ConflictError as ConflictError
    from zoo.errors import DataError as DataError
    from zoo.errors import ZooError as ZooError
    from zoo.export.export import export_run as export_run
    from zoo.export.exporter import Exporter as Exporter
    from zoo.export.exporter import Material as Material
    from zoo.export.exporter import Runtime as Runtime
    from zoo.export.exporter import Tolerance as Tolerance
    from zoo.export.loading import load_model as load_model
    from zoo.export.opened import Export as Export
    from zoo.export.opened import load_export as load_export
    from zoo.hookspecs import Register as Register
    from zoo.hookspecs import hookimpl as hookimpl
    from zoo.losses.adversarial import AdversarialLoss as AdversarialLoss
    from zoo.losses.adversarial import over_outputs as over_outputs
    from zoo.losses.penalties import Penalty as Penalty
    from zoo.models.parts import Inference as Inference
    from zoo.models.parts import Parts as Parts
    from zoo.models.parts import WeightedLoss as WeightedLoss
    from zoo.models.parts import WeightedPenalty as WeightedPenalty
    from zoo.models.player import Batch as Batch
    from zoo.models.player import Player as Player
    from zoo.models.translation_model import TranslationModel as TranslationModel
    from zoo.networks.features import feature_network as feature_network
    from zoo.networks.features import offer_features as offer_features
    from zoo.networks.features import offered_features as offered_features
    from zoo.pictures import Formats as Formats
    from zoo.pictures import PictureFormat as PictureFormat
    from zoo.plugins import load_host as load_host
    from zoo.recipe import Recipe as Recipe
    from zoo.recipe import load_recipe as load_recipe
    from zoo.registry.model_factory import model_factory as model_factory
    from zoo.registry.run_path import RunPath as RunPath
    from zoo.runs.run import Run as Run
    from zoo.runs.run import load_run as load_run
    from zoo.schedules import FigureSchedule as FigureSchedule
    from zoo.training.assembly import assemble as assemble
    from zoo.training.experiment import Experiment as Experiment
    from zoo.training.train import train as train
    from zoo.translation.trained import TrainedModel as TrainedModel
    from zoo.translation.translator import Translator as Translator

_HOMES = {
    "AdversarialLoss": "zoo.losses.adversarial",
    "Batch": "zoo.models.player",
    "ConflictError": "zoo.errors",
    "DataError": "zoo.errors",
    "Dataset": "zoo.data.dataset",
    "Examples": "zoo.data.dataset",
    "Experiment": "zoo.training.experiment",
    "Export": "zoo.export.opened",
    "Exporter": "zoo.export.exporter",
    "Formats": "zoo.pictures",
    "TrainedModel": "zoo.translation.trained",
    "FigureSchedule": "zoo.schedules",
    "Inference": "zoo.models.parts",
    "Loader": "zoo.data.loader",
    "Material": "zoo.export.exporter",
    "Parts": "zoo.models.parts",
    "Penalty": "zoo.losses.penalties",
    "PictureFormat": "zoo.pictures",
    "Random": "zoo.backend.random",
    "Recipe": "zoo.recipe",
    "Register": "zoo.hookspecs",
    "Player": "zoo.models.player",
    "Run": "zoo.runs.run",
    "RunPath": "zoo.registry.run_path",
    "Runtime": "zoo.export.exporter",
    "Tolerance": "zoo.export.exporter",
    "TranslationModel": "zoo.models.translation_model",
    "Translator": "zoo.translation.translator",
    "WeightedLoss": "zoo.models.parts",
    "WeightedPenalty": "zoo.models.parts",
    "ZooError": "zoo.errors",
    "assemble": "zoo.training.assembly",
    "export_run": "zoo.export.export",
    "hookimpl": "zoo.hookspecs",
    "load_export": "zoo.export.opened",
    "load_model": "zoo.export.loading",
    "load_host": "zoo.plugins",
    "load_recipe": "zoo.recipe",
    "load_run": "zoo.runs.run",
    "model_factory": "zoo.registry.model_factory",
    "offer_features": "zoo.networks.features",
    "offered_features": "zoo.networks.features",
    "feature_network": "zoo.networks.features",
    "over_outputs": "zoo.losses.adversarial",
    "train": "zoo.training.train",
}
__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'zoo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
