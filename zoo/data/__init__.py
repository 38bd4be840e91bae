"""Pictures for training and judging: datasets, paired augmentation and batches; plugins import from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.registry.lazy import imported_when_used

if TYPE_CHECKING:
    from zoo.data.colour import grey as grey
    from zoo.data.colour import lab_of_srgb as lab_of_srgb
    from zoo.data.colour import srgb_of_lab as srgb_of_lab
    from zoo.data.dataset import Dataset as Dataset
    from zoo.data.dataset import Examples as Examples
    from zoo.data.derived import Derivation as Derivation
    from zoo.data.derived import derive as derive
    from zoo.data.preparation import Preparation as Preparation
    from zoo.data.preparation import preparation_of as preparation_of
    from zoo.data.preparation_options import GeometryOptions as GeometryOptions
    from zoo.data.preparation_options import PreparationOptions as PreparationOptions
    from zoo.data.tables import STAND_INS as STAND_INS
    from zoo.data.tables import Table as Table
    from zoo.data.tables import TableDataset as TableDataset
    from zoo.data.tables import find_splits as find_splits
    from zoo.data.transforms import centre_window as centre_window
    from zoo.data.transforms import random_colour as random_colour
    from zoo.data.transforms import random_flip as random_flip
    from zoo.data.transforms import random_turn as random_turn
    from zoo.data.transforms import random_window as random_window
    from zoo.data.transforms import resize as resize
    from zoo.data.transforms import rotate_and_scale as rotate_and_scale
    from zoo.data.unpaired import Pictures as Pictures
    from zoo.data.unpaired import Unpaired as Unpaired

# Commands that only look at a constant of this room would otherwise wait for all that reads pictures.
_HOMES = {
    "Dataset": "zoo.data.dataset",
    "Derivation": "zoo.data.derived",
    "Examples": "zoo.data.dataset",
    "GeometryOptions": "zoo.data.preparation_options",
    "Pictures": "zoo.data.unpaired",
    "Preparation": "zoo.data.preparation",
    "PreparationOptions": "zoo.data.preparation_options",
    "STAND_INS": "zoo.data.tables",
    "Table": "zoo.data.tables",
    "TableDataset": "zoo.data.tables",
    "Unpaired": "zoo.data.unpaired",
    "centre_window": "zoo.data.transforms",
    "derive": "zoo.data.derived",
    "find_splits": "zoo.data.tables",
    "grey": "zoo.data.colour",
    "lab_of_srgb": "zoo.data.colour",
    "preparation_of": "zoo.data.preparation",
    "random_colour": "zoo.data.transforms",
    "random_flip": "zoo.data.transforms",
    "random_turn": "zoo.data.transforms",
    "random_window": "zoo.data.transforms",
    "resize": "zoo.data.transforms",
    "rotate_and_scale": "zoo.data.transforms",
    "srgb_of_lab": "zoo.data.colour",
}
__all__ = sorted(_HOMES)
__getattr__ = imported_when_used(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
