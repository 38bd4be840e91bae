"""zoo: image-to-image translation on Keras 3, assembled from recipes and plugins.

Importing this package registers nothing and imports no backend; each name below is imported when it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset as Dataset
    from zoo.data.dataset import Examples as Examples
    from zoo.data.loader import Loader as Loader
    from zoo.errors import DataError as DataError
    from zoo.errors import ZooError as ZooError
    from zoo.experiment import Experiment as Experiment
    from zoo.experiment import assemble as assemble
    from zoo.export.export import export_run as export_run
    from zoo.export.opened import load_export as load_export
    from zoo.hookspecs import hookimpl as hookimpl
    from zoo.models.adversarial import AdversarialModel as AdversarialModel
    from zoo.models.parts import Parts as Parts
    from zoo.plugins import load_host as load_host
    from zoo.recipe import Recipe as Recipe
    from zoo.recipe import load_recipe as load_recipe
    from zoo.runs import Run as Run
    from zoo.runs import load_run as load_run
    from zoo.training import train as train
    from zoo.translate import Translator as Translator

_HOMES = {
    "AdversarialModel": "zoo.models.adversarial",
    "DataError": "zoo.errors",
    "Dataset": "zoo.data.dataset",
    "Examples": "zoo.data.dataset",
    "Experiment": "zoo.experiment",
    "Loader": "zoo.data.loader",
    "Parts": "zoo.models.parts",
    "Recipe": "zoo.recipe",
    "Run": "zoo.runs",
    "Translator": "zoo.translate",
    "ZooError": "zoo.errors",
    "assemble": "zoo.experiment",
    "export_run": "zoo.export.export",
    "hookimpl": "zoo.hookspecs",
    "load_export": "zoo.export.opened",
    "load_host": "zoo.plugins",
    "load_recipe": "zoo.recipe",
    "load_run": "zoo.runs",
    "train": "zoo.training",
}
__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'zoo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
