"""Pictures for training and judging: datasets, paired augmentation and batches; plugins import from here."""

from zoo.data.colour import grey, lab_of_srgb, srgb_of_lab
from zoo.data.dataset import Dataset, Examples
from zoo.data.derived import Derivation, derive
from zoo.data.preparation import Preparation, preparation_of
from zoo.data.preparation_options import GeometryOptions, PreparationOptions
from zoo.data.tables import STAND_INS, Table, TableDataset, find_splits
from zoo.data.transforms import (
    centre_window,
    random_colour,
    random_flip,
    random_turn,
    random_window,
    resize,
    rotate_and_scale,
)
from zoo.data.unpaired import Pictures, Unpaired

__all__ = [
    "STAND_INS",
    "Dataset",
    "Derivation",
    "Examples",
    "GeometryOptions",
    "Pictures",
    "Preparation",
    "PreparationOptions",
    "Table",
    "TableDataset",
    "Unpaired",
    "centre_window",
    "derive",
    "find_splits",
    "grey",
    "lab_of_srgb",
    "preparation_of",
    "random_colour",
    "random_flip",
    "random_turn",
    "random_window",
    "resize",
    "rotate_and_scale",
    "srgb_of_lab",
]
