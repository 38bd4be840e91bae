"""zoo: image-to-image translation on Keras 3, assembled from recipes and plugins.

This is the public API: what users and plugins import, beside `zoo.backend`, `zoo.data`, `zoo.networks` and
`zoo.pictures`, which hold what models, datasets and services are built of. All other modules may change with any
version. Importing this package registers nothing and imports no backend; each name is imported when it is used. In a
notebook it keeps the notes of TensorFlow's libraries out of the cells, unless TF_CPP_MIN_LOG_LEVEL is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.notebook.quiet import keep_notebook_quiet as _keep_notebook_quiet
from zoo.registry.lazy import imported_when_used

if TYPE_CHECKING:
    from zoo.backend.random import Random as Random
    from zoo.cli.backend import use_backend as use_backend
    from zoo.data.dataset import Dataset as Dataset
    from zoo.data.dataset import Examples as Examples
    from zoo.data.loader import Loader as Loader
    from zoo.errors import ConflictError as ConflictError
    from zoo.errors import DataError as DataError
    from zoo.errors import ZooError as ZooError
    from zoo.errors import nearest as nearest
    from zoo.evaluation.evaluate import evaluate as evaluate
    from zoo.evaluation.evaluation import Evaluation as Evaluation
    from zoo.evaluation.evaluation import Figure as Figure
    from zoo.export.export import export_run as export_run
    from zoo.export.exporter import Exporter as Exporter
    from zoo.export.exporter import Material as Material
    from zoo.export.exporter import Runtime as Runtime
    from zoo.export.exporter import Tolerance as Tolerance
    from zoo.export.formats.onnx import ONNX as ONNX
    from zoo.export.loading import list_exports as list_exports
    from zoo.export.loading import load_model as load_model
    from zoo.export.opened import Export as Export
    from zoo.export.opened import is_export as is_export
    from zoo.export.opened import load_export as load_export
    from zoo.hookspecs import Register as Register
    from zoo.hookspecs import hookimpl as hookimpl
    from zoo.losses.adversarial import AdversarialLoss as AdversarialLoss
    from zoo.losses.adversarial import over_outputs as over_outputs
    from zoo.losses.feature_matching import compares_features as compares_features
    from zoo.losses.feature_matching import features_to_match as features_to_match
    from zoo.losses.penalties import Penalty as Penalty
    from zoo.memory import require_memory as require_memory
    from zoo.memory import require_weights as require_weights
    from zoo.metrics.mean import MeanOverPictures as MeanOverPictures
    from zoo.models.inference import inference_network as inference_network
    from zoo.models.masks import over_valid as over_valid
    from zoo.models.parts import Inference as Inference
    from zoo.models.parts import Parts as Parts
    from zoo.models.parts import WeightedLoss as WeightedLoss
    from zoo.models.parts import WeightedPenalty as WeightedPenalty
    from zoo.models.parts import refuse_unpaired as refuse_unpaired
    from zoo.models.penalize import output_count as output_count
    from zoo.models.penalize import penalize as penalize
    from zoo.models.penalize import penalty_names as penalty_names
    from zoo.models.pix2pix import Pix2Pix as Pix2Pix
    from zoo.models.pix2pix import conditional_parts as conditional_parts
    from zoo.models.player import Batch as Batch
    from zoo.models.player import Fakes as Fakes
    from zoo.models.player import Losses as Losses
    from zoo.models.player import Player as Player
    from zoo.models.serialization import deserialize_arguments as deserialize_arguments
    from zoo.models.serialization import serialize_losses as serialize_losses
    from zoo.models.serialization import serialize_penalties as serialize_penalties
    from zoo.models.translation_model import TranslationModel as TranslationModel
    from zoo.networks.features import feature_network as feature_network
    from zoo.networks.features import offer_features as offer_features
    from zoo.networks.features import offered_features as offered_features
    from zoo.pictures import Formats as Formats
    from zoo.pictures import PictureFormat as PictureFormat
    from zoo.pictures.show import show as show
    from zoo.plugins import Host as Host
    from zoo.plugins import load_host as load_host
    from zoo.recipe.load import Recipe as Recipe
    from zoo.recipe.load import load_recipe as load_recipe
    from zoo.registry.model_factory import model_factory as model_factory
    from zoo.registry.run_path import RunPath as RunPath
    from zoo.report.compare import write_comparison as write_comparison
    from zoo.report.report import write_report as write_report
    from zoo.report.shared_assets import shared_assets as shared_assets
    from zoo.runs.files import save_network as save_network
    from zoo.runs.plugin_record import missing_plugins as missing_plugins
    from zoo.runs.run import Run as Run
    from zoo.runs.run import list_runs as list_runs
    from zoo.runs.run import load_run as load_run
    from zoo.runs.table import Table as Table
    from zoo.schedules import FigureSchedule as FigureSchedule
    from zoo.training.assembly import assemble as assemble
    from zoo.training.callbacks.run_callback import RunCallback as RunCallback
    from zoo.training.experiment import Experiment as Experiment
    from zoo.training.imported import import_run as import_run
    from zoo.training.train import resume as resume
    from zoo.training.train import train as train
    from zoo.translation.jobs import collect as collect
    from zoo.translation.trained import TrainedModel as TrainedModel
    from zoo.translation.translator import Translator as Translator

# By what they are for, and each with the module that it is imported from.
GROUPS: dict[str, dict[str, str]] = {
    "Recipes, training and runs": {
        "Recipe": "zoo.recipe.load",
        "load_recipe": "zoo.recipe.load",
        "Experiment": "zoo.training.experiment",
        "assemble": "zoo.training.assembly",
        "train": "zoo.training.train",
        "resume": "zoo.training.train",
        "Run": "zoo.runs.run",
        "load_run": "zoo.runs.run",
        "list_runs": "zoo.runs.run",
        "Table": "zoo.runs.table",
        "import_run": "zoo.training.imported",
        "write_report": "zoo.report.report",
        "write_comparison": "zoo.report.compare",
        "save_network": "zoo.runs.files",
        "missing_plugins": "zoo.runs.plugin_record",
    },
    "Trained models and translation": {
        "TrainedModel": "zoo.translation.trained",
        "load_model": "zoo.export.loading",
        "Translator": "zoo.translation.translator",
        "collect": "zoo.translation.jobs",
        "Formats": "zoo.pictures",
        "PictureFormat": "zoo.pictures",
        "show": "zoo.pictures.show",
    },
    "Evaluation and metrics": {
        "evaluate": "zoo.evaluation.evaluate",
        "Evaluation": "zoo.evaluation.evaluation",
        "Figure": "zoo.evaluation.evaluation",
        "MeanOverPictures": "zoo.metrics.mean",
    },
    "Exports": {
        "Export": "zoo.export.opened",
        "load_export": "zoo.export.opened",
        "list_exports": "zoo.export.loading",
        "is_export": "zoo.export.opened",
        "export_run": "zoo.export.export",
        "Exporter": "zoo.export.exporter",
        "Material": "zoo.export.exporter",
        "Runtime": "zoo.export.exporter",
        "Tolerance": "zoo.export.exporter",
        "ONNX": "zoo.export.formats.onnx",
    },
    "Plugins": {
        "hookimpl": "zoo.hookspecs",
        "Register": "zoo.hookspecs",
        "Host": "zoo.plugins",
        "load_host": "zoo.plugins",
        "use_backend": "zoo.cli.backend",
        "shared_assets": "zoo.report.shared_assets",
        "RunPath": "zoo.registry.run_path",
        "RunCallback": "zoo.training.callbacks.run_callback",
    },
    "Models": {
        "TranslationModel": "zoo.models.translation_model",
        "Player": "zoo.models.player",
        "Batch": "zoo.models.player",
        "Fakes": "zoo.models.player",
        "Losses": "zoo.models.player",
        "model_factory": "zoo.registry.model_factory",
        "Parts": "zoo.models.parts",
        "Inference": "zoo.models.parts",
        "WeightedLoss": "zoo.models.parts",
        "WeightedPenalty": "zoo.models.parts",
        "refuse_unpaired": "zoo.models.parts",
        "Pix2Pix": "zoo.models.pix2pix",
        "conditional_parts": "zoo.models.pix2pix",
        "inference_network": "zoo.models.inference",
        "Random": "zoo.backend.random",
        "serialize_losses": "zoo.models.serialization",
        "serialize_penalties": "zoo.models.serialization",
        "deserialize_arguments": "zoo.models.serialization",
        "over_valid": "zoo.models.masks",
    },
    "Networks": {
        "offer_features": "zoo.networks.features",
        "offered_features": "zoo.networks.features",
        "feature_network": "zoo.networks.features",
    },
    "Losses": {
        "AdversarialLoss": "zoo.losses.adversarial",
        "over_outputs": "zoo.losses.adversarial",
        "Penalty": "zoo.losses.penalties",
        "penalize": "zoo.models.penalize",
        "penalty_names": "zoo.models.penalize",
        "output_count": "zoo.models.penalize",
        "compares_features": "zoo.losses.feature_matching",
        "features_to_match": "zoo.losses.feature_matching",
    },
    "Data and schedules": {
        "Dataset": "zoo.data.dataset",
        "Examples": "zoo.data.dataset",
        "Loader": "zoo.data.loader",
        "FigureSchedule": "zoo.schedules",
    },
    "Errors and limits": {
        "ZooError": "zoo.errors",
        "DataError": "zoo.errors",
        "ConflictError": "zoo.errors",
        "nearest": "zoo.errors",
        "require_memory": "zoo.memory",
        "require_weights": "zoo.memory",
    },
}
_HOMES = {name: home for names in GROUPS.values() for name, home in names.items()}
__all__ = sorted(_HOMES)
__version__ = "0.1.0"
__getattr__ = imported_when_used(__name__, _HOMES)
_keep_notebook_quiet()


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
