"""The builder of the published collections, by the test case that TensorFlow Datasets has for builders."""

from __future__ import annotations

import numpy as np
import pytest
from plugins.published import jpeg

pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_datasets")

import tensorflow_datasets
from zoo_tfds.published import COLLECTIONS, Pix2pix

pytestmark = pytest.mark.one_backend

COUNTS = {"train": 3, "val": 2, "test": 1}


def collections(*splits):
    return [name for name, collection in COLLECTIONS.items() if collection.splits == splits]


@pytest.fixture(autouse=True, scope="class")
def archives(request, tmp_path_factory):
    """What the archives unpack to, where the test case looks for it."""
    folder = tmp_path_factory.mktemp("archives")
    random = np.random.default_rng(0)
    for name in COLLECTIONS:
        for split, count in COUNTS.items():
            (folder / name / split).mkdir(parents=True)
            for number in range(count):
                path = folder / name / split / f"{number}.jpg"
                path.write_bytes(jpeg(random, 8, 16))
    request.cls.dummy_data = folder


class TestWithTest(tensorflow_datasets.testing.DatasetBuilderTestCase):
    """Registered, prepared, read in eager and graph mode, no example in two splits."""

    DATASET_CLASS = Pix2pix
    BUILDER_CONFIG_NAMES_TO_TEST = collections("train", "val", "test")
    SPLITS = COUNTS
    # The published archives have no published checksums.
    SKIP_CHECKSUMS = True


class TestWithoutTest(tensorflow_datasets.testing.DatasetBuilderTestCase):
    """The same of the collections that hold out `val` alone."""

    DATASET_CLASS = Pix2pix
    BUILDER_CONFIG_NAMES_TO_TEST = collections("train", "val")
    SPLITS = {split: COUNTS[split] for split in ("train", "val")}  # noqa: RUF012
    SKIP_CHECKSUMS = True
